import type { EventSchema } from '@weir/rule-lang';
import { describeJson, JsonNumber, JsonObject, type JsonValue, quoteShort } from '../json/json-value.js';
import { readDecimal } from '../validate/decimal-text.js';
import { readInstant } from '../validate/field-readers.js';
import { type ClockTime, readIsoTime } from '../validate/instant-text.js';
import type { Refusal } from '../validate/validate-event.js';
import type { Mapping, TimeColumn } from './mapping.js';
import type { CsvHeader, Row } from './row.js';
import { instantInZone } from './zone.js';

/** A row as an event to be validated (form `text`), and what its label column says. */
export interface MappedRow {
  readonly ok: true;
  readonly value: JsonObject;
  /** Undefined when the mapping has no label, or the cell is empty. */
  readonly positive: boolean | undefined;
}
type GoodRow = Exclude<Row, { readonly kind: 'bad' }>;

/**
 * Makes a row an event: columns become fields by name, the ts its instant. Refused: a ts that is not of the mapping's format.
 * An empty cell is an absent field. For many rows use {@link rowMapper}.
 */
export function mapRow(row: GoodRow, mapping: Mapping): MappedRow | Refusal { return rowMapper(mapping)(row); }

/** {@link mapRow} with the column places of a header looked up once. */
export function rowMapper(mapping: Mapping): (row: GoodRow) => MappedRow | Refusal {
  const fieldNames = [...mapping.fields.keys()];
  const names = ['id', 'type', 'ts', ...fieldNames, ...mapping.constants.keys()];
  const constants = [...mapping.constants.values()];
  const typeColumn = 'column' in mapping.type ? mapping.type.column : undefined;
  const constantType = 'constant' in mapping.type ? mapping.type.constant : '';
  const wanted = [mapping.id, mapping.ts.column, typeColumn ?? '', mapping.label?.column ?? '', ...mapping.fields.values()];
  const places = new WeakMap<CsvHeader, readonly number[]>();
  const { label } = mapping;
  return (row) => {
    const cells = row.kind === 'csv' ? cellsOf(row.cells, placesOf(row.header, wanted, places)) : wanted.map((column) => (column === '' ? null : row.value.get(column) ?? null));
    const [id = null, tsCell = null, type = null, labelCell = null] = cells;
    const ts = readTimeCell(tsCell, mapping.ts);
    if (typeof ts !== 'number') return { ok: false, code: tsCell === null || tsCell === '' ? 'missing-field' : 'bad-format', field: 'ts', message: `ts: ${ts.message}`, id: typeof id === 'string' && id !== '' ? id : undefined };
    const values: JsonValue[] = [blankToNull(id), typeColumn === undefined ? constantType : blankToNull(type), new JsonNumber(String(ts))];
    for (let i = 4; i < cells.length; i += 1) values.push(blankToNull(cells[i] ?? null));
    values.push(...constants);
    const said = labelCell === null ? '' : labelCell instanceof JsonNumber ? labelCell.text : String(labelCell);
    return { ok: true, value: new JsonObject(names, values), positive: label === undefined || said === '' ? undefined : said === label.positive };
  };
}

const blankToNull = (cell: JsonValue): JsonValue => (cell === '' ? null : cell);

function cellsOf(cells: readonly string[], places: readonly number[]): JsonValue[] {
  const found: JsonValue[] = [];
  for (const place of places) found.push(place < 0 ? null : cells[place] ?? null);
  return found;
}

function placesOf(header: CsvHeader, wanted: readonly string[], kept: WeakMap<CsvHeader, readonly number[]>): readonly number[] {
  const before = kept.get(header);
  if (before !== undefined) return before;
  const places = wanted.map((column) => (column === '' ? -1 : header.columns.indexOf(column)));
  kept.set(header, places);
  return places;
}

/** Columns that the mapping names and the header lacks, for a refusal before the first row is read. */
export function missingColumns(mapping: Mapping, header: CsvHeader): readonly string[] {
  const wanted = [mapping.id, mapping.ts.column, ...('column' in mapping.type ? [mapping.type.column] : []), ...(mapping.label === undefined ? [] : [mapping.label.column]), ...mapping.fields.values()];
  return [...new Set(wanted)].filter((column) => !header.columns.includes(column));
}

function readTimeCell(cell: JsonValue, ts: TimeColumn): number | { readonly message: string } {
  if (cell === null || cell === '') return { message: `the column ${ts.column} is empty` };
  if (ts.format.kind === 'event') return readInstant(cell, 'text');
  const text = cell instanceof JsonNumber ? cell.text : cell;
  if (typeof text !== 'string') return { message: `a time is expected in the column ${ts.column}, not ${describeJson(cell)}` };
  const { format } = ts;
  switch (format.kind) {
    case 'epoch-ms': return readEpoch(text, 0, 'milliseconds');
    case 'epoch-s': return readEpoch(text, 3, 'seconds');
    case 'iso': return inZone(readIsoTime(text), text, 'ISO 8601', ts.zone);
    case 'pattern': return inZone(format.pattern.read(text), text, format.pattern.source, ts.zone);
  }
}

function readEpoch(text: string, scale: 0 | 3, unit: string): number | { readonly message: string } {
  const exact = readDecimal(text, scale);
  if (!exact.ok) return { message: `${quoteShort(text)} is no count of ${unit} since 1970${exact.code === 'too-fine' ? ' with whole milliseconds' : ''}` };
  return Math.round(Number(exact.text) * 10 ** scale);
}

function inZone(time: ClockTime | undefined, text: string, format: string, zone: string): number | { readonly message: string } {
  if (time === undefined) return { message: `${quoteShort(text)} is no date and time of the format ${format}` };
  return time.offsetMs === undefined ? instantInZone(time.ms, zone) : time.ms - time.offsetMs;
}

/** What in a mapping does not fit the schema, as sentences: unknown fields and types, labels without a label type. Empty when all fits. */
export function mappingFaults(mapping: Mapping, schema: EventSchema): readonly string[] {
  const faults: string[] = [];
  const byName = new Map(schema.types.map((type) => [type.name, type]));
  const types = 'constant' in mapping.type ? schema.types.filter((type) => 'constant' in mapping.type && type.name === mapping.type.constant) : schema.types;
  if (types.length === 0 && 'constant' in mapping.type) faults.push(`the schema has no event type ${mapping.type.constant}`);
  for (const name of [...mapping.fields.keys(), ...mapping.constants.keys()]) {
    if (types.length > 0 && !types.some((type) => type.fields.some((field) => field.name === name))) faults.push(`the schema has no field ${name}${types.length === 1 ? ` in ${types[0]?.name ?? ''}` : ''}`);
    if (mapping.fields.has(name) && mapping.constants.has(name)) faults.push(`${name} is both a field and a constant`);
  }
  if (mapping.label === undefined) return [...new Set(faults)];
  const label = byName.get('label');
  for (const [name, type] of [['event_id', 'string'], ['fraud', 'bool']] as const) {
    if (label?.fields.find((field) => field.name === name)?.type !== type) faults.push(`a label needs the event type label with ${name}: { type: ${type} } in the schema`);
  }
  for (const name of mapping.label.fields) {
    const target = label?.fields.find((field) => field.name === name);
    if (target === undefined) faults.push(`the schema has no field ${name} in label`);
    else if (!types.some((type) => type.fields.some((field) => field.name === name && field.type === target.type))) faults.push(`the label's field ${name} is no field of the same type in the mapped events`);
    if (!mapping.fields.has(name) && !mapping.constants.has(name)) faults.push(`the label's field ${name} is not mapped`);
  }
  return [...new Set(faults)];
}
