/** What main thread and engine thread tell each other. Plain data: it crosses by structured clone. */
import type { Alert, ReleasedRule } from '@weir/contracts';

/** A rule set before its place in the log is known. */
export interface RuleSetDraft { readonly schemaText: string; readonly rules: readonly ReleasedRule[] }

export type ToEngine =
  /** Entries up to `seq` are on disk and may be evaluated. Coalesced by the sender; never falls. */
  | { readonly kind: 'durable'; readonly seq: number }
  /** Alerts up to `throughSeq` are committed in the case store. */
  | { readonly kind: 'stored'; readonly throughSeq: number; readonly batch: number }
  /** Asks for the alerts of one event, to be answered as soon as it is evaluated. */
  | { readonly kind: 'decide'; readonly seq: number }
  /** Builds and warms an engine for a rule set that will be released, beside the running one. */
  | { readonly kind: 'prepare'; readonly token: number; readonly draft: RuleSetDraft }
  | { readonly kind: 'stop' };

/** What became of the state when another rule set came into force. */
export interface RuleSetSwitch {
  /** Its entry in the log. */
  readonly seq: number;
  /** Windows, sequences and window rules that went on with their state, in words. */
  readonly kept: readonly string[];
  /** Those that entries of the log were replayed for. */
  readonly warmed: readonly string[];
  /** Those that are gone. */
  readonly freed: readonly string[];
  readonly replayed: number;
}

export interface HostStats {
  readonly state: 'starting' | 'warming' | 'running';
  /** Last entry evaluated. */
  readonly seq: number;
  readonly maxTs: number;
  readonly keys: number;
  readonly windowEvents: number;
  readonly stateBytes: number;
  /** Of the memory that the state lies in: bytes taken, and how many there can be. Absent without an engine. */
  readonly memoryBytes?: number | undefined;
  readonly memoryLimitBytes?: number | undefined;
  /** Matches of sequences under way, and how many were given up because a key had too many. */
  readonly openMatches: number;
  readonly givenUpMatches: number;
  readonly rules: number;
  readonly evaluated: number;
  readonly alerts: number;
  readonly evalNsP50: number;
  readonly evalNsP99: number;
  /** The newest switch of rule sets since the start, in numbers. */
  readonly ruleSetSwitch?: { readonly seq: number; readonly kept: number; readonly warmed: number; readonly freed: number; readonly replayed: number } | undefined;
}

export type FromEngine =
  /** Recovery is over. `checkpointSeq` is absent when the log was replayed from its start. */
  | { readonly kind: 'ready'; readonly seq: number; readonly checkpointSeq?: number | undefined; readonly replayed: number; readonly tookMs: number }
  /** Every alert up to `throughSeq` that was not sent before; perhaps none. */
  | { readonly kind: 'alerts'; readonly batch: number; readonly throughSeq: number; readonly alerts: readonly Alert[] }
  /** `alerts` is absent when the event was evaluated too long ago to remember. */
  | { readonly kind: 'decided'; readonly seq: number; readonly alerts?: readonly Alert[] | undefined }
  | { readonly kind: 'prepared'; readonly token: number; readonly problems: readonly string[] }
  | { readonly kind: 'stats'; readonly stats: HostStats }
  /** `worstStallMs`: the longest that the evaluation waited for its beginning or one of its slices. `tookMs`: all of it, from its beginning to its file. */
  | { readonly kind: 'checkpoint'; readonly seq: number; readonly tookMs: number; readonly bytes: number; readonly slices: number; readonly worstStallMs: number }
  | { readonly kind: 'checkpoint-failed'; readonly message: string }
  /** Something the operator should know: a refused checkpoint, a rule of the log that no longer compiles. */
  | { readonly kind: 'problem'; readonly code: 'checkpoint-refused' | 'rule-refused' | 'log-gap'; readonly message: string }
  | { readonly kind: 'stopped'; readonly seq: number };
