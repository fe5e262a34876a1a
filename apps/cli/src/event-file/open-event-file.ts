import { ConnectorError, readRows } from '@weir/connectors';
import { eventsWithLabels, MappingRefused, parseMapping, type EventContent, type FileItem, type Mapping, type Row } from '@weir/ingest';
import type { EventSchema } from '@weir/rule-lang';
import { readText } from '../rules/load-rules.js';
import { diagnosticText } from '../terminal/diagnostic-text.js';
import { CommandError, type Terminal } from '../terminal/terminal.js';
import { ownMapping } from './own-mapping.js';

export interface EventFile {
  readonly items: AsyncIterable<readonly FileItem[]>;
  /** Share of the file's bytes read so far, 0 to 1. */
  share(): number;
}

/** Reads a mapping file; what is wrong in it is printed with its position and ends the command. */
export async function readMapping(path: string, terminal: Terminal): Promise<Mapping> {
  const text = await readText(path);
  const { mapping, diagnostics } = parseMapping(text, path);
  if (mapping) return mapping;
  for (const diagnostic of diagnostics) terminal.err(`${diagnosticText(diagnostic, text)}\n`);
  throw new CommandError(`${path} is not a mapping that can be used.`);
}

/** The mapping of a file of events: the one that is named, else, for NDJSON, that of events in Weir's own form. A CSV file needs one. */
export async function mappingFor(data: string, map: string | undefined, schema: EventSchema, terminal: Terminal): Promise<Mapping> {
  if (map !== undefined) return readMapping(map, terminal);
  if (/\.csv(\.gz)?$/i.test(data)) throw new CommandError(`${data}: the columns of a CSV file need a mapping. Name one: --map FILE`);
  return ownMapping(schema);
}

/** Opens a file of events, `.csv` or `.ndjson`, also `.gz`. What is wrong with it shows when it is read: see {@link asCommandError}. */
export function openEventFile(path: string, mapping: Mapping, schema: EventSchema): EventFile {
  let share = 0;
  const rows = readRows(path, { onProgress: (read, total) => { share = read / Math.max(1, total); } });
  return { items: eventsWithLabels(rows, mapping, schema, { channel: /\.csv(\.gz)?$/i.test(path) ? 'csv' : 'ndjson' }), share: () => share };
}

/**
 * The first event of a file with this id, without its place in time. Only rows that hold the text of the id are mapped and
 * validated, so this takes a part of the time that reading the events does.
 * @param onProgress told now and then: share of the file's bytes read, 0 to 1, and rows.
 * @returns undefined when there is none in plain sight: a label made for an event, or an id written with escapes, may still be there.
 */
export async function findRow(path: string, id: string, mapping: Mapping, schema: EventSchema, onProgress: (share: number, rows: number) => void): Promise<EventContent | undefined> {
  const asJson = JSON.stringify(id).slice(1, -1);
  const holds = (row: Row): boolean => (row.kind === 'csv' ? row.cells.includes(id) : row.kind === 'json' && row.source.includes(asJson));
  let share = 0;
  let rows = 0;
  for await (const batch of readRows(path, { onProgress: (read, total) => { share = read / Math.max(1, total); } })) {
    rows += batch.length;
    onProgress(share, rows);
    const found = batch.filter(holds);
    if (found.length === 0) continue;
    for await (const items of eventsWithLabels([found], mapping, schema)) for (const item of items) if (item.kind === 'event' && item.event.id === id) return item.event;
  }
  return undefined;
}

/** What a file or its mapping can be refused for while it is read, as a sentence for people; anything else as it is. */
export function asCommandError(cause: unknown): unknown {
  if (cause instanceof MappingRefused) return new CommandError(`The mapping does not fit:\n  ${cause.reasons.join('\n  ')}`, { cause });
  return cause instanceof ConnectorError ? new CommandError(`${cause.message}.`, { cause }) : cause;
}
