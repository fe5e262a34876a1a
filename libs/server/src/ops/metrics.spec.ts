import { describe, expect, it } from '@jest/globals';
import type { OpsSnapshot } from '@weir/contracts';
import { CheckpointCount } from './checkpoint-count.js';
import { Metrics } from './metrics.js';

const ops: OpsSnapshot = {
  at: 1_000_000, eventsPerSecond: 2.5, acceptedTotal: 10, lateTotal: 1, duplicateTotal: 2, deadLetterTotal: 3, alertsTotal: 4, unknownFieldTotal: 5,
  log: { lastSeq: 11, firstSeq: 1, bytes: 100, segments: 1 },
  engine: { seq: 11, lagEvents: 0, lagSeconds: 0, keys: 1, windowEvents: 1, stateBytes: 1, rules: 1, evalNsP50: 1_000, evalNsP99: 2_000, state: 'running' },
  checkpoint: { lastAt: 990_000, failures: 1, taken: 7 }, store: { progressSeq: 11, pendingAlerts: 0 }, feed: { clients: 0, gaps: 0 }, problems: [],
};

describe('the figures for Prometheus', () => {
  it('have the type their name promises: counters end in _total, and nothing else does', async () => {
    const text = await new Metrics().text(ops, { open: 0, oldestAgeSeconds: 0 });
    const types = [...text.matchAll(/^# TYPE (weir_\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type] as const);
    expect(types.length).toBeGreaterThan(25);
    expect(types.filter(([name, type]) => name.endsWith('_total') !== (type === 'counter'))).toEqual([]);
  });

  it('show a counter as it is, also after a restart of the counting', async () => {
    const metrics = new Metrics();
    expect(await metrics.text(ops, { open: 0, oldestAgeSeconds: 0 })).toContain('weir_events_accepted_total 10\n');
    expect(await metrics.text({ ...ops, acceptedTotal: 12 }, { open: 0, oldestAgeSeconds: 0 })).toContain('weir_events_accepted_total 12\n');
    const text = await metrics.text({ ...ops, acceptedTotal: 3 }, { open: 0, oldestAgeSeconds: 0 });
    expect(text).toContain('weir_events_accepted_total 3\n');
    expect(text).toContain('weir_checkpoints_total 7\n');
    expect(text).toContain('weir_checkpoint_failures_total 1\n');
  });

  it('tell how near the state is to the end of its memory, and which sources wait', async () => {
    const text = await new Metrics().text({ ...ops, engine: { ...ops.engine, memoryBytes: 3, memoryLimitBytes: 4 }, sources: { known: 3, idle: 0, waiting: 2, stalledSeconds: 61.5 } }, { open: 0, oldestAgeSeconds: 0 });
    for (const line of ['weir_engine_memory_bytes 3', 'weir_engine_memory_limit_bytes 4', 'weir_sources 3', 'weir_sources_idle 0', 'weir_sources_waiting 2', 'weir_sources_stalled_seconds 61.5']) expect(text).toContain(`\n${line}\n`);
  });

  it('count a checkpoint once, however often it is seen', () => {
    const count = new CheckpointCount();
    for (const lastAt of [undefined, 5, 5, 9, 9, 12]) count.see(lastAt);
    expect(count.taken).toBe(3);
  });
});
