import type { OpsSnapshot } from '@weir/contracts';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** A name that ends in `_total` is exported as a counter, every other as a gauge. Undefined: not shown. */
type Reading = readonly [name: string, help: string, read: (ops: OpsSnapshot) => number | undefined];

const readings: readonly Reading[] = [
  ['weir_events_per_second', 'Events accepted in the last second', (ops) => ops.eventsPerSecond],
  ['weir_events_accepted_total', 'Events accepted since start', (ops) => ops.acceptedTotal],
  ['weir_events_late_total', 'Events that came late since start', (ops) => ops.lateTotal],
  ['weir_events_duplicate_total', 'Duplicates dropped since start', (ops) => ops.duplicateTotal],
  ['weir_dead_letters_total', 'Events refused', (ops) => ops.deadLetterTotal],
  ['weir_unknown_fields_total', 'Fields that the schema does not declare, since start', (ops) => ops.unknownFieldTotal],
  ['weir_alerts_total', 'Alerts fired since start', (ops) => ops.alertsTotal],
  ['weir_log_last_seq', 'Newest entry of the event log', (ops) => ops.log.lastSeq],
  ['weir_log_bytes', 'Bytes of the event log on disk', (ops) => ops.log.bytes],
  ['weir_log_segments', 'Segment files of the event log', (ops) => ops.log.segments],
  ['weir_engine_seq', 'Newest entry evaluated', (ops) => ops.engine.seq],
  ['weir_engine_lag_events', 'Entries not yet evaluated', (ops) => ops.engine.lagEvents],
  ['weir_engine_lag_seconds', 'For how long the next entry has waited', (ops) => ops.engine.lagSeconds],
  ['weir_engine_watermark_delay_seconds', 'How far the watermark is behind the clock', (ops) => (ops.engine.watermarkDelayMs === undefined ? undefined : ops.engine.watermarkDelayMs / 1000)],
  ['weir_engine_running', '1 while the engine runs', (ops) => (ops.engine.state === 'running' ? 1 : 0)],
  ['weir_engine_keys', 'Keys with state', (ops) => ops.engine.keys],
  ['weir_engine_window_events', 'Events held for windows', (ops) => ops.engine.windowEvents],
  ['weir_engine_state_bytes', 'Size of the state', (ops) => ops.engine.stateBytes],
  ['weir_engine_memory_bytes', 'Bytes taken of the memory that the state lies in', (ops) => ops.engine.memoryBytes],
  ['weir_engine_memory_limit_bytes', 'Bytes that memory can have; past them the engine stops', (ops) => ops.engine.memoryLimitBytes],
  ['weir_engine_open_matches', 'Matches of sequences under way', (ops) => ops.engine.openMatches],
  ['weir_engine_given_up_matches_total', 'Matches under way given up because a key had too many', (ops) => ops.engine.givenUpMatches],
  ['weir_engine_rules', 'Rules in force', (ops) => ops.engine.rules],
  ['weir_engine_eval_p50_seconds', 'Median time to evaluate an event', (ops) => ops.engine.evalNsP50 / 1e9],
  ['weir_engine_eval_p99_seconds', '99th percentile of the time to evaluate an event', (ops) => ops.engine.evalNsP99 / 1e9],
  ['weir_checkpoint_age_seconds', 'Age of the newest checkpoint', (ops) => (ops.checkpoint.lastAt === undefined ? undefined : (ops.at - ops.checkpoint.lastAt) / 1000)],
  ['weir_checkpoint_duration_seconds', 'How long the newest checkpoint took', (ops) => (ops.checkpoint.tookMs === undefined ? undefined : ops.checkpoint.tookMs / 1000)],
  ['weir_checkpoint_worst_stall_seconds', 'Longest that evaluation waited for a slice of the newest checkpoint', (ops) => (ops.checkpoint.worstStallMs === undefined ? undefined : ops.checkpoint.worstStallMs / 1000)],
  ['weir_checkpoint_bytes', 'Size of the newest checkpoint', (ops) => ops.checkpoint.bytes],
  ['weir_checkpoints_total', 'Checkpoints written since start', (ops) => ops.checkpoint.taken],
  ['weir_checkpoint_failures_total', 'Checkpoints that failed since start', (ops) => ops.checkpoint.failures],
  ['weir_store_progress_seq', 'Entry up to which every alert is stored', (ops) => ops.store.progressSeq],
  ['weir_store_pending_alerts', 'Alerts fired and not yet stored', (ops) => ops.store.pendingAlerts],
  ['weir_sources', 'Named sources of events', (ops) => ops.sources?.known],
  ['weir_sources_idle', 'Named sources that send nothing', (ops) => ops.sources?.idle],
  ['weir_sources_waiting', 'Named sources whose events wait for another source', (ops) => ops.sources?.waiting],
  ['weir_sources_stalled_seconds', 'For how long no waiting source has come on', (ops) => ops.sources?.stalledSeconds],
  ['weir_feed_clients', 'Connected desks', (ops) => ops.feed.clients],
  ['weir_feed_gaps_total', 'Gap messages sent to slow or returning desks', (ops) => ops.feed.gaps],
];

/** Everything /metrics shows. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #readings: readonly { readonly set: (value: number) => void; readonly read: Reading[2] }[];
  readonly #requests: Histogram;

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    this.#readings = readings.map(([name, help, read]) => ({ set: this.#setter(name, help), read }));
    this.#requests = new Histogram({ name: 'weir_http_request_seconds', help: 'Time to answer, by route and status', labelNames: ['method', 'route', 'status'], buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.3, 1, 5], registers: [this.#registry] });
  }

  observe(method: string, route: string, status: number, seconds: number): void { this.#requests.observe({ method, route, status: String(status) }, seconds); }

  async text(ops: OpsSnapshot, queue: { readonly open: number; readonly oldestAgeSeconds: number }): Promise<string> {
    for (const { set, read } of this.#readings) {
      const value = read(ops);
      if (value !== undefined) set(value);
    }
    const lines = [
      '# HELP weir_queue_open_alerts Open alerts of the queue', '# TYPE weir_queue_open_alerts gauge', `weir_queue_open_alerts ${queue.open}`,
      '# HELP weir_queue_oldest_seconds Age of the oldest open alert', '# TYPE weir_queue_oldest_seconds gauge', `weir_queue_oldest_seconds ${queue.oldestAgeSeconds}`, '',
    ];
    return (await this.#registry.metrics()) + lines.join('\n');
  }

  /** Counters are kept where the counting is done: here they are only set to that figure. */
  #setter(name: string, help: string): (value: number) => void {
    const registers = [this.#registry];
    if (!name.endsWith('_total')) {
      const gauge = new Gauge({ name, help, registers });
      return (value) => gauge.set(value);
    }
    const counter = new Counter({ name, help, registers });
    return (value) => {
      counter.reset();
      counter.inc(value);
    };
  }

  get contentType(): string { return this.#registry.contentType; }
}
