/** What the server needs from outside; wired by the app. Implementations live in pipeline, connectors and the app. */
import type { Alert, BacktestJob, DeadLetter, Decision, FieldValue, IngestAnswer, OpsSnapshot, RejectCode, ReleasedRule, StartBacktest } from '@weir/contracts';
import type { EventSchema } from '@weir/rule-lang';

/** One event as it came in. */
export interface RawEvent {
  /** The JSON text of one object, UTF-8, whole. */
  readonly bytes: Uint8Array;
  /** Where it stood in its request: `0`, `1`, ... of an array, the line of a stream from 1. */
  readonly position: string;
}

/** Validation, dedupe, lateness, dead letters and the durable log: the one way in for events. */
export interface IntakePort {
  /** Answers one per event, in order, after the accepted ones are durable. Rejects only when the log or disk fails. */
  accept(events: readonly RawEvent[], channel: string): Promise<readonly IngestAnswer[]>;
  /** Keeps bytes that can not be an event (too large) as a dead letter. `rawBytes`: their whole length. */
  refuse(event: RawEvent & { readonly rawBytes: number }, code: RejectCode, message: string, channel: string): Promise<IngestAnswer>;
  /** A label of the desk; dated by intake (the stated instant when it is in time, else the largest so far). The same id twice is `duplicate`. */
  appendLabel(label: { readonly id: string; readonly ts: number; readonly fields: Readonly<Record<string, FieldValue>> }): Promise<IngestAnswer>;
  /** How long a sender must wait, ms, because the engine or the disk is behind; undefined: there is room. */
  retryAfterMs(): number | undefined;
}

export type DecisionAnswer = { readonly ok: true; readonly decision: Decision } | { readonly ok: false; readonly answer: Extract<IngestAnswer, { status: 'rejected' }> };

/** The in-line decision: the event goes through the same log and engine. */
export interface DecisionPort { decide(event: RawEvent, budgetMs: number): Promise<DecisionAnswer> }

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
  start(request: StartBacktest, by: string): Promise<BacktestJob>;
  get(id: string): BacktestJob | undefined;
  cancel(id: string): BacktestJob | undefined;
  /** Called with every change of a job. */
  onUpdate(listener: (job: BacktestJob) => void): void;
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
