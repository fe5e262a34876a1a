import { ConnectorError, readRows } from '@weir/connectors';
import { eventsWithLabels, MappingRefused, parseMapping, type FileItem, type Mapping } from '@weir/ingest';
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

/** What a file or its mapping can be refused for while it is read, as a sentence for people; anything else as it is. */
export function asCommandError(cause: unknown): unknown {
  if (cause instanceof MappingRefused) return new CommandError(`The mapping does not fit:\n  ${cause.reasons.join('\n  ')}`, { cause });
  return cause instanceof ConnectorError ? new CommandError(`${cause.message}.`, { cause }) : cause;
}
