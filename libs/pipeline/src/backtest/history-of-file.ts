import { contentDigest, type FileItem, IntakeState, type Refusal } from '@weir/ingest';
import type { EventSchema } from '@weir/rule-lang';
import type { HistoryItem } from './run-backtest.js';

/** What became of the rows of a file. */
export interface FileCounts {
  accepted: number;
  late: number;
  duplicate: number;
  rejected: number;
  labels: number;
  /** The first rows that were refused, at most {@link keptRefusals}. */
  readonly refusals: FileRefusal[];
}

/** Where the row stands, or of a label the event that it is of, and why it was refused. */
export type FileRefusal = { readonly line: number; readonly refusal: Refusal } | { readonly of: string; readonly refusal: Refusal };

/** Refused rows that are kept by name; the others are only counted. */
const keptRefusals = 10;

/** Counts of a file of which nothing has been read. */
export function emptyFileCounts(): FileCounts { return { accepted: 0, late: 0, duplicate: 0, rejected: 0, labels: 0, refusals: [] }; }

/**
 * The events of a file as a log would hold them: file order is seq, an event that came before is dropped as `duplicate`, one
 * whose id came before with another content is rejected as `conflict`, lateness is decided as at intake. Nothing is too far in
 * the future: the file's clock is its own. `counts` is kept up to date as it goes. Memory: about 40 bytes an event.
 *
 * The label of a row goes beside its event for counting, and so does what the file's own label events say of earlier ones;
 * rules see it only as the label event.
 */
export async function* historyOfFile(
  rows: AsyncIterable<readonly FileItem[]>, schema: EventSchema, counts: FileCounts, options: { readonly maxOutOfOrdernessMs: number },
): AsyncGenerator<readonly HistoryItem[]> {
  const restamped = new Set(schema.types.filter(({ late }) => late === 'restamp').map(({ name }) => name));
  const state = new IntakeState({ maxOutOfOrdernessMs: options.maxOutOfOrdernessMs, maxFutureMs: 0 });
  /** By seq: what was said, for nothing is kept of the events. The first seq is 1. */
  const said: number[] = [0];
  let seq = 0;
  const refuse = (refusal: FileRefusal): void => {
    counts.rejected += 1;
    if (counts.refusals.length < keptRefusals) counts.refusals.push(refusal);
  };
  const place = (item: Exclude<FileItem, { readonly kind: 'rejected' }>): HistoryItem['entry'] | undefined => {
    const { event } = item;
    const digest = contentDigest(event);
    const [known] = state.candidates(event.id);
    if (known !== undefined) {
      if (said[known] === digest) counts.duplicate += 1;
      else {
        const refusal: Refusal = { ok: false, code: 'conflict', field: 'id', message: `id: an earlier event of the file has the id ${event.id} and says something else`, id: event.id };
        refuse(item.kind === 'label' ? { of: item.of, refusal } : { line: item.line, refusal });
      }
      return undefined;
    }
    const placed = state.place(event, restamped.has(event.type), Number.MAX_SAFE_INTEGER);
    if (placed.status === 'future') return undefined;
    seq += 1;
    said.push(digest);
    state.record(event.id, seq);
    if (item.kind === 'label') counts.labels += 1;
    else if (placed.status === 'late') counts.late += 1;
    else counts.accepted += 1;
    return { ...placed.event, seq };
  };
  for await (const items of rows) {
    const history: HistoryItem[] = [];
    for (const item of items) {
      if (item.kind === 'rejected') {
        refuse({ line: item.line, refusal: item.refusal });
        continue;
      }
      const entry = place(item);
      if (!entry) continue;
      history.push(item.kind === 'label' ? { entry, derived: true } : { entry, isFraud: item.positive, says: labelIn(entry) });
    }
    if (history.length > 0) yield history;
  }
}

function labelIn(entry: HistoryItem['entry']): HistoryItem['says'] {
  if (entry.kind !== 'event' || entry.type !== 'label') return undefined;
  const { event_id: eventId, fraud: isFraud } = entry.fields;
  return typeof eventId === 'string' && typeof isFraud === 'boolean' ? { eventId, isFraud } : undefined;
}
