import type { Alert, LogEntry, LogEvent } from '@weir/contracts';
import type { EventSchema, TypedRule } from '@weir/rule-lang';

/** A rule in force: its typed tree and its release state. Shadow alerts carry `mode: 'shadow'` and nothing else differs. */
export interface EngineRule { readonly rule: TypedRule; readonly mode: 'live' | 'shadow' }

export interface EngineOptions {
  readonly evaluation: 'arrival' | 'watermark';
  /** ms; the watermark trails the largest ts by this plus 1 ms. Default 60,000. */
  readonly maxOutOfOrdernessMs: number;
  /** ms; bounds `previous` and `lastEvents`. Default 35 days. */
  readonly retentionMs: number;
  /** `full`: alerts carry reason and explanation; `none`: ids and outcome only, for counting over history. */
  readonly evidence: 'full' | 'none';
  /**
   * Reads an event of the log back by its seq, at once: a host that has the log at hand. With it nothing is kept in memory for
   * explanations, and being ready to explain costs nothing while no alert fires. Asked only for events that windows still hold.
   * Undefined, or an error: the alert fires all the same, and its explanation says which events could not be read. Absent: a copy of every event in a window is kept.
   */
  readonly readEvent?: ((seq: number) => LogEvent | undefined) | undefined;
  /** Newest events kept per explained window. Default 100. */
  readonly maxContributing: number;
  /** First ts the log can show, epoch ms; alerts whose rule looks further back say `warm: false`. Default 0: all of it. */
  readonly historySince: number;
  /** Most matches under way per key of a sequence that needs every one of them; past it those with the oldest start are given up and counted. Default 1,000. */
  readonly maxOpenMatches?: number | undefined;
  /** Model scores by event id then model name, for tests; live scores are recorded in the event. */
  readonly models?: Readonly<Record<string, number>> | undefined;
  /** False: closures instead of generated code, for hosts that forbid `new Function`. Same alerts. Default true. `createEngine` only. */
  readonly codegen?: boolean | undefined;
  /** Seed of the hash tables, any int32; no alert depends on it. Default: drawn from the rules. A host that fears chosen keys passes a secret one. */
  readonly seed?: number | undefined;
}

export interface EngineStats {
  readonly seq: number;
  readonly maxTs: number;
  /** Distinct keys held over all key dimensions. */
  readonly keys: number;
  /** Events held in memory for windows. */
  readonly windowEvents: number;
  readonly stateBytes: number;
  /** Bytes taken of the memory that columns, tables and matches of sequences lie in, gaps included, and how many there can be; past that the engine fails. Absent where they lie in arrays of their own. */
  readonly memoryBytes?: number | undefined;
  readonly memoryLimitBytes?: number | undefined;
  /** Matches of sequences under way, over all keys. */
  readonly openMatches?: number | undefined;
  /** Matches under way that were given up since the first entry, because a key had more than `maxOpenMatches`. */
  readonly givenUpMatches?: number | undefined;
}

/**
 * The engine: a pure, deterministic function of (state, entry in seq order). Live stream, in-line decision,
 * backtest, shadow mode, explanation, rule tests and recovery all call this and nothing else.
 *
 * No clock, no I/O, no randomness. Two implementations, equal alert for alert: `createInterpreter` (slow and obvious,
 * the oracle) and `createEngine` (columns, shared log, generated code).
 */
export interface RuleEngine {
  /**
   * Applies the next entry of the log. `seq` must be greater than that of the entry before (gaps are allowed).
   * @returns alerts in order of rule id (arrival mode); in watermark mode the alerts of all events that the entry released.
   *   Entries of kind `rules` are the host's business (it builds a new engine and warms it) and are ignored here but for seq and time.
   */
  apply(entry: LogEntry): readonly Alert[];
  /** End of a bounded input: the watermark becomes infinite. */
  end(): readonly Alert[];
  /** State as bytes: versioned, rule-set hash, seq; refused by name on restore when damaged or foreign. */
  snapshot(): Uint8Array;
  /**
   * The state as it is now, to be taken in slices while entries go on being applied: together the bytes of `snapshot()`.
   * Until it is over or abandoned, held events are not dropped. Absent: the engine gives its state at once only.
   */
  beginSnapshot?(): SnapshotSlices;
  stats(): EngineStats;
}

/** A snapshot under way. Several of one engine may be under way at once. */
export interface SnapshotSlices {
  /** The entry that it is taken after. */
  readonly seq: number;
  /**
   * The next slice, mostly of `maxBytes` / 2 to 3/2 `maxBytes` (one event longer than that is not cut), of matches under way less, for they take
   * longer; undefined after the last. Default 128 KiB.
   * @param room bytes to write it to when it fits, so that nothing is left to the collector: the slice is a view of them then. 3/2 `maxBytes` are enough for most.
   */
  next(maxBytes?: number, room?: Uint8Array): Uint8Array | undefined;
  /** Gives it up: what waits for the slices left is freed. Without effect after the last. */
  abandon(): void;
}

/** An engine being restored from the chunks of its snapshot, of any size. */
export interface EngineRestore {
  /** Takes the next chunk, which is the caller's again afterwards. @returns a refusal as soon as one is certain: nothing more is to be pushed then. */
  push(chunk: Uint8Array): Extract<RestoreResult, { ok: false }> | undefined;
  /** The chunks are at their end. */
  finish(): RestoreResult;
}

/**
 * Parses one NDJSON line (without its line end) of an accepted event; undefined when it is none: the line is skipped. A function of
 * line and seq alone: the line of an event that a match has taken is read when the match is told, by the parser of a later call.
 */
export type LineParser = (line: Uint8Array, seq: number) => LogEvent | undefined;

/** An engine that also takes accepted events as NDJSON bytes, without an object for each: for replays and high rates. */
export interface LineEngine extends RuleEngine {
  /**
   * Applies each line as the next event, seq counting up from `firstSeq` by line. The lines are accepted events; lateness
   * is decided here as intake decides it. Lines of an unexpected shape go through `parse`, as does the event of each alert.
   * @param lines whole lines, each ended by a line feed (the last may do without).
   * @returns alerts in order of event, then rule id.
   */
  applyLines(lines: Uint8Array, firstSeq: number, parse: LineParser): readonly Alert[];
  /**
   * Reads the same lines into columns and applies nothing: what {@link applyDecoded} takes, for input that is read once and
   * applied later. The columns are those that the rules of this engine look at; keys of windows are looked up, and held until
   * the events are applied or forgotten.
   */
  decodeLines(lines: Uint8Array, firstSeq: number, parse: LineParser): DecodedEvents;
  /** Applies decoded events, once: the same alerts as from their lines. Throws a RangeError when they are another engine's, or when they were applied or forgotten before. */
  applyDecoded(events: DecodedEvents): readonly Alert[];
  /** Lets go of decoded events that will not be applied. Throws as {@link applyDecoded} does. */
  forgetDecoded(events: DecodedEvents): void;
}

/** Accepted events in columns, as one engine has decoded them. */
export interface DecodedEvents { readonly count: number; readonly firstSeq: number; readonly byteLength: number }

export interface EngineDefinition { readonly schema: EventSchema; readonly rules: readonly EngineRule[]; readonly options: EngineOptions }

/** Why a snapshot was refused; the host falls back to the one before or to replay. */
export type SnapshotRefusal = 'damaged' | 'not-a-snapshot' | 'other-version' | 'other-rule-set';
export type RestoreResult = { readonly ok: true; readonly engine: RuleEngine } | { readonly ok: false; readonly reason: SnapshotRefusal; readonly message: string };

/** Are copies of the events in windows kept, for explanations? */
export function keepsCopies({ evidence, readEvent }: Pick<EngineOptions, 'evidence' | 'readEvent'>): boolean { return evidence === 'full' && readEvent === undefined; }

export const defaultEngineOptions: EngineOptions = {
  evaluation: 'arrival', maxOutOfOrdernessMs: 60_000, retentionMs: 35 * 86_400_000, evidence: 'full', maxContributing: 100, historySince: 0,
};
