import { type EventContent, type FileItem, IntakeState, type Refusal } from '@weir/ingest';
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
  readonly refusals: { readonly line: number; readonly refusal: Refusal }[];
}

export const keptRefusals = 10;

export function emptyFileCounts(): FileCounts { return { accepted: 0, late: 0, duplicate: 0, rejected: 0, labels: 0, refusals: [] }; }

/**
 * The events of a file as a log would hold them: file order is seq, an id that came before is dropped, lateness is decided
 * as at intake. Nothing is too far in the future: the file's clock is its own. `counts` is kept up to date as it goes.
 *
 * The label of a row goes beside its event for counting, and so does what the file's own label events say of earlier ones;
 * rules see it only as the label event.
 */
export async function* historyOfFile(
  rows: AsyncIterable<readonly FileItem[]>, schema: EventSchema, counts: FileCounts, options: { readonly maxOutOfOrdernessMs: number },
): AsyncGenerator<readonly HistoryItem[]> {
  const restamped = new Set(schema.types.filter(({ late }) => late === 'restamp').map(({ name }) => name));
  const state = new IntakeState({ maxOutOfOrdernessMs: options.maxOutOfOrdernessMs, maxFutureMs: 0 });
  let seq = 0;
  const place = (event: EventContent, isLabel: boolean): HistoryItem['entry'] | undefined => {
    if (state.candidates(event.id).length > 0) {
      counts.duplicate += 1;
      return undefined;
    }
    const placed = state.place(event, restamped.has(event.type), Number.MAX_SAFE_INTEGER);
    if (placed.status === 'future') return undefined;
    seq += 1;
    state.record(event.id, seq);
    if (isLabel) counts.labels += 1;
    else if (placed.status === 'late') counts.late += 1;
    else counts.accepted += 1;
    return { ...placed.event, seq };
  };
  for await (const items of rows) {
    const history: HistoryItem[] = [];
    for (const item of items) {
      if (item.kind === 'rejected') {
        counts.rejected += 1;
        if (counts.refusals.length < keptRefusals) counts.refusals.push({ line: item.line, refusal: item.refusal });
        continue;
      }
      const entry = place(item.event, item.kind === 'label');
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
