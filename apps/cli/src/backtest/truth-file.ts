import { readRows } from '@weir/connectors';
import type { Story } from '@weir/pipeline';
import { CommandError } from '../terminal/terminal.js';

const columns = ['event_id', 'story', 'kind', 'fraud', 'typology'] as const;

export const truthHeader = columns.join(',');

/** A row of a truth file. Names hold no comma and no quote: they are ids. */
export function truthLine(eventId: string, { id, kind, isFraud, typology }: Story): string {
  return [eventId, id, kind, isFraud ? '1' : '0', typology ?? ''].join(',');
}

/**
 * Reads what each event was part of: a CSV (also `.gz`) with the columns `event_id`, `story`, `kind`, `fraud` (1 or 0) and
 * `typology` (may be empty). An event that is not there was part of nothing. Memory: one entry an event named.
 */
export async function readTruth(path: string): Promise<ReadonlyMap<string, Story>> {
  if (!/\.csv(\.gz)?$/i.test(path)) throw new CommandError(`${path}: a truth file ends in .csv or .csv.gz.`);
  const truth = new Map<string, Story>();
  const stories = new Map<string, Story>();
  for await (const rows of readRows(path, {})) {
    for (const row of rows) {
      if (row.kind !== 'csv') throw new CommandError(`${path}:${row.line}: ${row.kind === 'bad' ? row.message : 'not a row of a CSV file'}`);
      const [eventId = '', id = '', kind = '', fraud = '', typology = ''] = columns.map((column) => row.cells[row.header.columns.indexOf(column)]);
      if (eventId === '' || id === '' || (fraud !== '0' && fraud !== '1')) throw new CommandError(`${path}:${row.line}: a row needs event_id, story and fraud (1 or 0); the columns are ${columns.join(', ')}.`);
      const story = stories.get(id) ?? { id, kind: kind === '' ? id : kind, isFraud: fraud === '1', ...(typology === '' ? {} : { typology }) };
      stories.set(id, story);
      truth.set(eventId, story);
    }
  }
  return truth;
}
