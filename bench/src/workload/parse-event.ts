import type { FieldValue, LogEvent } from '@weir/contracts';
import { canonicalDecimal } from '@weir/rule-lang';

const decoder = new TextDecoder();

/** One NDJSON line of the workload by JSON.parse: the oracle's way, and the engine's for lines its scanner does not take. */
export function parseEvent(line: Uint8Array, seq: number): LogEvent {
  // The generator's own lines: id, type, ts and declared fields only.
  const read = JSON.parse(decoder.decode(line)) as { id: string; type: string; ts: number; amount: number } & Record<string, FieldValue>;
  const fields: Record<string, FieldValue> = {};
  for (const name in read) if (name !== 'id' && name !== 'type' && name !== 'ts') fields[name] = read[name] as FieldValue; // its own name
  fields['amount'] = canonicalDecimal(String(read.amount), 2) ?? '0';
  return { kind: 'event', seq, ts: read.ts, id: read.id, type: read.type, fields };
}
