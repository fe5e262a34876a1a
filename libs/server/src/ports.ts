/** What the server needs from outside; wired by the app. Implementations live in pipeline, connectors and the app. */
import type { Alert, BacktestJob, DeadLetter, Decision, IngestAnswer, OpsSnapshot, ReleasedRule, StartBacktest } from '@weir/contracts';
import type { ExplainJobResult, Intake, IntakeItem, StartJobResult } from '@weir/pipeline';
import type { EventSchema, TypedRule } from '@weir/rule-lang';

/** Validation, dedupe, lateness, dead letters and the durable log: the one way in for events. The pipeline's intake. */
export type IntakePort = Pick<Intake, 'accept' | 'acceptAll' | 'appendInternal'>;

export type DecisionAnswer = { readonly ok: true; readonly decision: Decision } | { readonly ok: false; readonly answer: Extract<IngestAnswer, { status: 'rejected' }> };

/** The in-line decision: the event goes through the same log and engine. */
export interface DecisionPort { decide(event: IntakeItem, budgetMs: number): Promise<DecisionAnswer> }

/** The whole rule set and its schema. */
export interface RuleSet { readonly schemaText: string; readonly rules: readonly ReleasedRule[] }

/** Makes a rule set count: it becomes an entry of the event log. */
export interface RuleReleasePort {
  /** Resolves when the entry is durable. Warming beforehand is the implementation's business. */
  release(set: RuleSet & { readonly by: string; readonly why: string }): Promise<{ readonly seq: number }>;
  /** The set of the newest entry; undefined when the log has none. */
  current(): Promise<RuleSet | undefined>;
}

/** Backtests over the last days of the event log. */
export interface BacktestPort {
  /** The text compiles: the server has checked it. */
  start(request: StartBacktest, by: string): Promise<StartJobResult>;
  get(id: string): BacktestJob | undefined;
  cancel(id: string): Promise<BacktestJob | undefined>;
  /** Called with every change of a job. */
  onUpdate(listener: (job: BacktestJob) => void): void;
}

/** What a rule made of one event of the log, as of the event's place in it. */
export interface ExplainPort {
  /** Bounded: refused are rules that would look at too much of the log, and questions while too many are under way. */
  explain(rule: TypedRule, eventId: string): Promise<ExplainJobResult>;
}

/** The pipeline's own figures. */
export interface OpsPort {
  /** The feed's part is added by the server. Cheap: called every second. */
  snapshot(): Omit<OpsSnapshot, 'feed'>;
  /** Accepted events by minute (epoch ms of its start), the last 60, oldest first; minutes without events may be left out. */
  minutes(): readonly { readonly at: number; readonly events: number }[];
  /** When the first event was accepted, epoch ms. */
  since(): number | undefined;
}

export interface DeadLetterPort {
  /** Newest first. `cursor` as given out as `nextCursor`. */
  list(query: { readonly cursor?: string | undefined; readonly limit: number }): Promise<{ readonly items: readonly DeadLetter[]; readonly nextCursor?: string | undefined; readonly byCode: Readonly<Record<string, number>> }>;
}

/** The demo's traffic; absent when the server runs without it. */
export interface DemoPort { running(): boolean; set(running: boolean): Promise<void> }

/** The event types in force. */
export interface SchemaPort { current(): { readonly text: string; readonly schema: EventSchema } }

/** Where alerts end; the same shape as the pipeline's AlertSink. */
export interface AlertSinkPort {
  progress(): Promise<number>;
  write(alerts: readonly Alert[], throughSeq: number): Promise<void>;
}
