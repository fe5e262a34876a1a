import type { EventSchema } from '@weir/rule-lang';
import type { EventLimits } from '../validate/field-readers.js';
import { type EventContent, eventValidator, type Refusal } from '../validate/validate-event.js';
import { mappingFaults, missingColumns, rowMapper } from './map-row.js';
import type { LabelColumn, Mapping } from './mapping.js';
import { PendingLabels } from './pending-labels.js';
import type { Row } from './row.js';

/** What a row of a file gives, in the order in which it belongs in the log. */
export type FileItem =
  /** `positive` is what the label column says, for counting only: rules learn of it by the label event. */
  | { readonly kind: 'event'; readonly line: number; readonly event: EventContent; readonly positive: boolean | undefined }
  | { readonly kind: 'label'; readonly event: EventContent; readonly of: string }
  | { readonly kind: 'rejected'; readonly line: number; readonly refusal: Refusal; readonly raw: string };

/** How rows of a file become events. */
export interface FileOptions {
  readonly limits?: Partial<EventLimits> | undefined;
  /** Labels that wait for their time, at most; default 2,000,000. More is an error: the delay is too long for the memory. */
  readonly maxPendingLabels?: number | undefined;
  /** Written into each event; default `csv`. */
  readonly channel?: string | undefined;
}

/** The mapping and the file or schema do not fit: said before the first event, all reasons at once. */
export class MappingRefused extends Error {
  override readonly name = 'MappingRefused';
  constructor(readonly reasons: readonly string[]) { super(`the mapping does not fit: ${reasons.join('; ')}`); }
}

/**
 * Turns rows into events and label events, in the order of the log: rows in file order, and a label as soon as its time
 * (event's ts + delay) is reached, before an event of the same ts; with delay 0 right after its own event. Labels still
 * waiting at the end of the file come last, by time, then by file order. Memory: the waiting labels, nothing else.
 *
 * Takes batches and gives batches. Throws {@link MappingRefused} when the mapping does not fit the schema or the header.
 */
export async function* eventsWithLabels(rows: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>, mapping: Mapping, schema: EventSchema, options: FileOptions = {}): AsyncGenerator<readonly FileItem[]> {
  const faults = mappingFaults(mapping, schema);
  if (faults.length > 0) throw new MappingRefused(faults);
  const fold = new RowFold(mapping, schema, options);
  for await (const batch of rows) {
    const items: FileItem[] = [];
    for (const row of batch) fold.take(row, items);
    if (items.length > 0) yield items;
  }
  const rest = fold.end();
  if (rest.length > 0) yield rest;
}

class RowFold {
  private readonly map: ReturnType<typeof rowMapper>;
  private readonly validate: ReturnType<typeof eventValidator>;
  private readonly pending: PendingLabels<FileItem>;
  private largestTs = 0;
  private checkedHeader: unknown;

  constructor(private readonly mapping: Mapping, schema: EventSchema, private readonly options: FileOptions) {
    this.map = rowMapper(mapping);
    this.validate = eventValidator(schema, options.limits);
    this.pending = new PendingLabels(options.maxPendingLabels ?? 2_000_000);
  }

  take(row: Row, items: FileItem[]): void {
    if (row.kind === 'bad') {
      items.push({ kind: 'rejected', line: row.line, refusal: { ok: false, code: row.code, field: row.field, message: row.message }, raw: row.raw });
      return;
    }
    if (row.kind === 'csv' && this.checkedHeader !== row.header) {
      this.checkedHeader = row.header;
      const missing = missingColumns(this.mapping, row.header);
      if (missing.length > 0) throw new MappingRefused(missing.map((column) => `the file has no column ${JSON.stringify(column)}; it has ${row.header.columns.join(', ')}`));
    }
    const mapped = this.map(row);
    const checked = mapped.ok ? this.validate(mapped.value, 'text') : mapped;
    if (!checked.ok) {
      items.push({ kind: 'rejected', line: row.line, refusal: checked, raw: rawOf(row) });
      return;
    }
    const positive = mapped.ok ? mapped.positive : undefined;
    const { event } = checked; // made for this row, so it may be completed in place: a copy per row costs a fifth of the time
    event.channel = this.options.channel ?? 'csv';
    this.largestTs = Math.max(this.largestTs, event.ts);
    this.pending.release(this.largestTs, items);
    items.push({ kind: 'event', line: row.line, event, positive });
    const { label } = this.mapping;
    if (label === undefined || positive === undefined || (!positive && !label.negatives)) return;
    this.pending.add(event.ts + label.delayMs, { kind: 'label', event: labelOf(event, label, positive, this.options.channel ?? 'csv'), of: event.id });
    // Due at once: delay 0, or an event out of order whose label's time has passed.
    if (event.ts + label.delayMs <= this.largestTs) this.pending.release(this.largestTs, items);
  }

  end(): FileItem[] {
    const items: FileItem[] = [];
    this.pending.release(Infinity, items);
    return items;
  }
}

function labelOf(event: EventContent, label: LabelColumn, fraud: boolean, channel: string): EventContent {
  const fields: Record<string, EventContent['fields'][string]> = { event_id: event.id, fraud };
  for (const name of label.fields) {
    const value = event.fields[name];
    if (value !== undefined) fields[name] = value;
  }
  return { kind: 'event', ts: event.ts + label.delayMs, id: `label-${event.id}`, type: 'label', fields, channel };
}

function rawOf(row: Exclude<Row, { readonly kind: 'bad' }>): string {
  if (row.kind === 'csv') return row.cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
  return row.source;
}
