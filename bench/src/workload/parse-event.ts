import type { FieldValue, LogEvent } from '@weir/contracts';
import { canonicalDecimal } from '@weir/rule-lang';

const decoder = new TextDecoder();

/** One NDJSON line of the workload by JSON.parse: the oracle's way, and the engine's for lines its scanner does not take. */
export function parseEvent(line: Uint8Array, seq: number): LogEvent {
  // The generator's own lines: id, type, ts and declared fields only.
  const { id, type, ts, amount, ...rest } = JSON.parse(decoder.decode(line)) as { id: string; type: string; ts: number; amount: number } & Record<string, FieldValue>;
  return { kind: 'event', seq, ts, id, type, fields: { ...rest, amount: canonicalDecimal(String(amount), 2) ?? '0' } };
}
