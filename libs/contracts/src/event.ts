import { z } from 'zod';

/** Event time and every other instant: milliseconds since 1970-01-01T00:00:00Z, an integer > 0. */
export const EpochMs = z.number().int().positive();
export type EpochMs = z.infer<typeof EpochMs>;

/**
 * A place in degrees (WGS 84) with the unit vector that the ingester recorded once.
 * Distances are computed from `x y z`, never from sine and cosine again, so they are the same everywhere.
 */
export const Geo = z.object({ lat: z.number(), lon: z.number(), x: z.number(), y: z.number(), z: z.number() });
export type Geo = z.infer<typeof Geo>;

/**
 * The value of one field of an accepted event, by the type that the schema declares:
 * string -> string; bool -> boolean; int, double -> number; timestamp -> epoch ms as number;
 * decimal -> canonical decimal text: optional `-`, digits, optional `.` and digits, no exponent, no leading or
 * trailing zeros beyond need (`12.5`, `0`, `-3`); geo -> {@link Geo}. Absent and `null` fields are left out.
 */
export const FieldValue = z.union([z.string(), z.number(), z.boolean(), Geo]);
export type FieldValue = z.infer<typeof FieldValue>;

/** Name of one of several streams of events that come into the log in step: a partition, a shop, a file. */
export const SourceName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, 'letters, digits, `.`, `_`, `:` and `-`, at most 64');

/** An accepted event as it lies in the event log. `extra` keeps fields that the schema does not declare, untouched. */
export const LogEvent = z.object({
  kind: z.literal('event'),
  seq: z.number().int().positive(),
  ts: EpochMs,
  id: z.string(),
  type: z.string(),
  fields: z.record(z.string(), FieldValue),
  /** Late when accepted: touches no state, only rules that look at nothing but the event and lists evaluate it. */
  late: z.literal(true).optional(),
  /** The ts a restamped event stated (schema: `late: restamp`). */
  statedTs: EpochMs.optional(),
  /** Where it came in: `http`, `ndjson`, `csv`, `demo`, `desk`, `replay`. */
  channel: z.string().optional(),
  extra: z.record(z.string(), z.unknown()).optional(),
});
export type LogEvent = z.infer<typeof LogEvent>;

/** A change of a named list; counts for events at or after its ts (and after it in seq in arrival mode). */
export const ListChange = z.object({
  kind: z.literal('list'),
  seq: z.number().int().positive(),
  ts: EpochMs,
  list: z.string(),
  value: z.string(),
  change: z.enum(['add', 'remove']),
  by: z.string().optional(),
  why: z.string().optional(),
});
export type ListChange = z.infer<typeof ListChange>;

/** A rule as released: its whole text. `mode` is the release state, never part of the rule's text. */
export const ReleasedRule = z.object({
  id: z.string(),
  mode: z.enum(['live', 'shadow']),
  /** Release number of this rule, 1, 2, 3, ... */
  release: z.number().int().positive(),
  text: z.string(),
});
export type ReleasedRule = z.infer<typeof ReleasedRule>;

/** The rule set in force from this seq on, whole. `schemaText` is the event schema (rules/schema.yaml) it was checked against. */
export const RuleSetChange = z.object({
  kind: z.literal('rules'),
  seq: z.number().int().positive(),
  ts: EpochMs,
  schemaText: z.string(),
  rules: z.array(ReleasedRule),
  by: z.string().optional(),
  why: z.string().optional(),
});
export type RuleSetChange = z.infer<typeof RuleSetChange>;

/** Moves event time on a quiet stream; no rule sees it. */
export const Heartbeat = z.object({ kind: z.literal('heartbeat'), seq: z.number().int().positive(), ts: EpochMs });
export type Heartbeat = z.infer<typeof Heartbeat>;

/** One entry of the event log: everything that can change an alert. State at seq is a function of the log up to seq. */
export const LogEntry = z.discriminatedUnion('kind', [LogEvent, ListChange, RuleSetChange, Heartbeat]);
export type LogEntry = z.infer<typeof LogEntry>;

/** A log entry before its seq was given. */
export type Unsequenced<T extends LogEntry = LogEntry> = T extends LogEntry ? Omit<T, 'seq'> : never;

/** Why an event was refused. The code is stable; `message` names field and reason for people. */
export const RejectCode = z.enum([
  'malformed-json', 'not-an-object', 'duplicate-key', 'unknown-type', 'missing-field', 'bad-type', 'bad-format', 'too-fine',
  'out-of-range', 'too-long', 'bad-text', 'future', 'conflict', 'too-large', 'bad-row',
]);
export type RejectCode = z.infer<typeof RejectCode>;

/** The answer for one event of a request, in the order sent. */
export const IngestAnswer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('accepted'), id: z.string(), seq: z.number().int() }),
  z.object({ status: z.literal('late'), id: z.string(), seq: z.number().int(), delayMs: z.number().int() }),
  z.object({ status: z.literal('duplicate'), id: z.string(), seq: z.number().int() }),
  z.object({ status: z.literal('rejected'), id: z.string().optional(), code: RejectCode, field: z.string().optional(), message: z.string(), deadLetterId: z.number().int().optional() }),
]);
export type IngestAnswer = z.infer<typeof IngestAnswer>;

/** A refused event with its raw bytes. Never lost on restart. */
export const DeadLetter = z.object({
  id: z.number().int().positive(),
  receivedAt: EpochMs,
  channel: z.string(),
  /** Position in the channel: line of a stream, index in an array, row of a file. */
  position: z.string(),
  code: RejectCode,
  field: z.string().optional(),
  message: z.string(),
  eventId: z.string().optional(),
  /** The raw bytes, base64; cut at 64 KiB with `rawBytes` the whole length. */
  raw: z.string(),
  rawBytes: z.number().int(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;
