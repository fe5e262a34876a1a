import type { FieldValue } from '@weir/contracts';
import { testKeys } from '../rule-file/rule-keys.js';
import { canonicalDecimal } from '../schema/decimal-text.js';
import type { EventSchema, FieldSpec, FieldType } from '../schema/event-schema.js';
import { geoUnitVector } from '../schema/geo-unit-vector.js';
import { eventType, fieldMeanings, fieldNames } from '../schema/schema-lookup.js';
import { parseSpanMs } from '../schema/time-span.js';
import { parseTimestampMs } from '../schema/timestamp-text.js';
import type { DiagnosticList } from '../source/diagnostic-list.js';
import { didYouMean } from '../source/did-you-mean.js';
import { spanOf, type SourceText } from '../source/source-text.js';
import { entryOf, expectMap, expectScalar, expectSeq, refuseUnknownKeys, scalarsOf, wordOf } from '../source/yaml-shape.js';
import type { YamlMap, YamlNode, YamlScalar } from '../source/yaml-tree.js';
import { wholeMatch } from './whole-match.js';
import type { ExpectedAlert, RuleTest, RuleTestEvent } from './typed-rule.js';

/** Monday, 2026-01-05T00:00:00Z. */
const DEFAULT_START = 1_767_571_200_000;
const MOST_EVENTS = 2000;

export interface TestReading {
  readonly source: SourceText;
  readonly schema: EventSchema;
  readonly found: DiagnosticList;
  readonly on: readonly string[];
  readonly by: readonly string[];
  readonly isWindowRule: boolean;
  readonly usedLists: ReadonlySet<string>;
}

/** Reads the tests of a rule; values by the declared types of their fields, from the source text. */
export function readTests(node: YamlNode, reading: TestReading): readonly RuleTest[] {
  const items = expectSeq(node, '`tests`', reading.found)?.items ?? [];
  return items.flatMap((item) => readTest(item, reading) ?? []);
}

function readTest(node: YamlNode, reading: TestReading): RuleTest | undefined {
  const { found } = reading;
  const map = expectMap(node, 'a test', found);
  if (map === undefined) return undefined;
  refuseUnknownKeys(map, Object.keys(testKeys), 'a test', found);
  const nameEntry = entryOf(map, 'name');
  const name = nameEntry === undefined ? undefined : expectScalar(nameEntry.value, '`name`', found)?.text;
  if (nameEntry === undefined) found.error('missing-key', { start: map.start, end: map.start }, 'a test has the key `name`');
  const evaluationEntry = entryOf(map, 'evaluation');
  const evaluation = evaluationEntry === undefined ? undefined : wordOf(evaluationEntry.value, ['arrival', 'watermark'] as const, '`evaluation`', found);
  const start = readStart(map, found);
  const events = readEvents(map, start, reading);
  const alerts = readAlerts(map, start, events, reading);
  return {
    name: name ?? '', lists: readLists(map, reading), models: readModels(map, found), events, alerts, span: spanOf(reading.source, map),
    ...(evaluation === undefined ? {} : { evaluation }),
  };
}

function readStart(map: YamlMap, found: DiagnosticList): number {
  const entry = entryOf(map, 'start');
  const scalar = entry === undefined ? undefined : expectScalar(entry.value, '`start`', found);
  if (scalar === undefined) return DEFAULT_START;
  const ms = parseTimestampMs(scalar.text);
  if (ms === undefined) found.error('bad-timestamp', scalar, `\`${scalar.text}\` is no timestamp`, { hint: 'date, T, time and zone, after 1970: 2026-01-31T00:00:00Z' });
  return ms ?? DEFAULT_START;
}

function readLists(map: YamlMap, reading: TestReading): RuleTest['lists'] {
  const entry = entryOf(map, 'lists');
  const lists = entry === undefined ? undefined : expectMap(entry.value, '`lists`', reading.found, '{ name: [values] }');
  return Object.fromEntries((lists?.entries ?? []).map(({ key, value }) => {
    if (!reading.usedLists.has(key.text)) reading.found.warn('unused-list', key, `the rule does not look at the list \`${key.text}\``, didYouMean(key.text, reading.usedLists));
    return [key.text, (expectSeq(value, `the list \`${key.text}\``, reading.found)?.items ?? []).flatMap((item) => expectScalar(item, 'a value of a list', reading.found)?.text ?? [])];
  }));
}

function readModels(map: YamlMap, found: DiagnosticList): RuleTest['models'] {
  const entry = entryOf(map, 'models');
  const models = entry === undefined ? undefined : expectMap(entry.value, '`models`', found, '{ name: 0.93 }');
  return Object.fromEntries((models?.entries ?? []).flatMap(({ key, value }): [string, number][] => {
    const scalar = expectScalar(value, `the score of \`${key.text}\``, found);
    const score = scalar === undefined ? undefined : finiteNumber(scalar.text);
    if (scalar !== undefined && score === undefined) found.error('bad-test-value', scalar, `\`${scalar.text}\` is no number`);
    return score === undefined ? [] : [[key.text, score]];
  }));
}

function finiteNumber(text: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/** Offset from the test's start as an instant. */
function readInstant(scalar: YamlScalar, start: number, found: DiagnosticList): number | undefined {
  const isBefore = scalar.text.startsWith('-');
  const ms = parseSpanMs(isBefore ? scalar.text.slice(1) : scalar.text);
  if (ms === undefined) found.error('bad-span', scalar, `\`${scalar.text}\` is no offset from the test's start`, { hint: 'numbers with the units w d h m s ms, from large to small: 0s, 10m, 1h30m' });
  return ms === undefined ? undefined : start + (isBefore ? -ms : ms);
}

function readEvents(map: YamlMap, start: number, reading: TestReading): readonly RuleTestEvent[] {
  const { found } = reading;
  const entry = entryOf(map, 'events');
  if (entry === undefined) found.error('missing-key', { start: map.start, end: map.start }, 'a test has the key `events`');
  const items = entry === undefined ? [] : (expectSeq(entry.value, '`events`', found)?.items ?? []);
  if (items.length > MOST_EVENTS) found.error('bad-value', entry?.key ?? map, `a test has ${MOST_EVENTS} events at most`);
  const events: RuleTestEvent[] = [];
  const ids = new Set<string>();
  for (const item of items.slice(0, MOST_EVENTS)) {
    const node = expectMap(item, 'an event', found, '{ id: a, at: 0s, account_id: c1 }');
    const event = node === undefined ? undefined : readEvent(node, start, reading);
    if (node === undefined || event === undefined) continue;
    if (ids.has(event.id)) found.error('duplicate-name', entryOf(node, 'id')?.value ?? node, `the event \`${event.id}\` is there twice`);
    ids.add(event.id);
    events.push(event);
  }
  if (entry !== undefined && reading.on.length > 0 && !events.some(({ type }) => reading.on.includes(type)) && !found.hasErrors) {
    found.warn('test-reaches-nothing', entry.key, `no event of this test is ${reading.on.map((type) => `\`${type}\``).join(' or ')}, so the rule is never evaluated`);
  }
  return events;
}

function readEvent(map: YamlMap, start: number, reading: TestReading): RuleTestEvent | undefined {
  const { found, schema } = reading;
  const required = (key: string): YamlScalar | undefined => {
    const entry = entryOf(map, key);
    if (entry === undefined) found.error('missing-key', { start: map.start, end: map.start + 1 }, `an event has the key \`${key}\``);
    return entry === undefined ? undefined : expectScalar(entry.value, `\`${key}\``, found);
  };
  const id = required('id');
  const at = required('at');
  const ts = at === undefined ? undefined : readInstant(at, start, found);
  if (id !== undefined && (id.text === '' || id.text.includes('\u001f'))) found.error('bad-test-value', id, 'an id is a text without U+001F');
  if (at !== undefined && ts !== undefined && ts <= 0) found.error('bad-test-value', at, 'an event is dated after 1970-01-01T00:00:00Z');
  const type = readType(map, reading);
  const spec = type === undefined ? undefined : eventType(schema, type);
  if (spec === undefined) return undefined;
  const fields: [string, FieldValue][] = [];
  for (const { key, value } of map.entries) {
    if (key.text === 'id' || key.text === 'at' || key.text === 'type') continue;
    const field = spec.fields.find(({ name }) => name === key.text);
    if (field === undefined) found.error('unknown-field', key, `\`${spec.name}\` has no field \`${key.text}\``, didYouMean(key.text, fieldNames(schema, [spec.name])));
    else {
      const read = readValue(field, value, found);
      if (read !== undefined) fields.push([field.name, read]);
    }
  }
  return id === undefined || ts === undefined ? undefined : { id: id.text, type: spec.name, ts, fields: Object.fromEntries(fields) };
}

function readType(map: YamlMap, { on, schema, found }: TestReading): string | undefined {
  const entry = entryOf(map, 'type');
  if (entry === undefined) {
    if (on.length > 1) found.error('missing-key', { start: map.start, end: map.start + 1 }, 'an event has the key `type` when the rule has several types', { hint: `one of ${on.join(', ')}` });
    return on.length === 1 ? on[0] : undefined;
  }
  const scalar = expectScalar(entry.value, '`type`', found);
  const known = schema.types.map(({ name }) => name);
  if (scalar !== undefined && !known.includes(scalar.text)) found.error('unknown-type', scalar, `there is no event type \`${scalar.text}\``, didYouMean(scalar.text, known));
  return scalar?.text;
}

/** The value of a field, from its source text; undefined when it is absent (`null` of other types than string) or wrong, which is told. */
function readValue(field: FieldSpec, node: YamlNode, found: DiagnosticList): FieldValue | undefined {
  if (field.type === 'geo') return readPlace(field, node, found);
  const scalar = expectScalar(node, `\`${field.name}\``, found);
  if (scalar === undefined || isAbsent(scalar, field.type)) return undefined;
  const value = plainValue(field, scalar.text);
  if (value === undefined) found.error('bad-test-value', scalar, `\`${scalar.text}\` is no value of \`${field.name}\`: ${valueHint(field)}`);
  if (field.pattern !== undefined && value !== undefined && !wholeMatch(field.pattern, scalar.text)) {
    found.warn('test-value-refused', scalar, `the ingester would refuse \`${scalar.text}\`: \`${field.name}\` must match ${field.pattern}`);
  }
  return value;
}

function isAbsent(scalar: YamlScalar, type: FieldType): boolean {
  if (scalar.style !== 'plain') return false;
  return scalar.text === '' || (type !== 'string' && (scalar.text === 'null' || scalar.text === '~'));
}

function plainValue(field: FieldSpec, text: string): FieldValue | undefined {
  switch (field.type) {
    case 'string': return text.includes('\u001f') ? undefined : text;
    case 'bool': return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'int': return /^[+-]?\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) + 0 : undefined;
    case 'decimal': return canonicalDecimal(text, field.scale);
    case 'double': return finiteNumber(text);
    case 'timestamp': return /^\d{1,15}$/.test(text) && Number(text) > 0 ? Number(text) : parseTimestampMs(text);
    case 'geo': return undefined;
  }
}

function valueHint(field: FieldSpec): string {
  switch (field.type) {
    case 'string': return 'a text without U+001F';
    case 'bool': return '`true` or `false`';
    case 'int': return 'a whole number below 2^53';
    case 'decimal': return `a number with ${field.scale} decimals at most, below 2^53 when scaled`;
    case 'double': return 'a finite number';
    case 'timestamp': return 'a timestamp such as 2026-01-31T00:00:00Z, or epoch milliseconds';
    case 'geo': return '{ lat, lon }';
  }
}

function readPlace(field: FieldSpec, node: YamlNode, found: DiagnosticList): FieldValue | undefined {
  if (node.kind === 'scalar' && isAbsent(node, 'geo')) return undefined;
  const map = expectMap(node, `\`${field.name}\``, found, '{ lat: 51.5, lon: -0.1 }');
  if (map === undefined) return undefined;
  refuseUnknownKeys(map, ['lat', 'lon'], 'a place', found);
  const degrees = (key: 'lat' | 'lon', most: number): number | undefined => {
    const entry = entryOf(map, key);
    if (entry === undefined) found.error('missing-key', { start: map.start, end: map.start + 1 }, `a place has the key \`${key}\``);
    const scalar = entry === undefined ? undefined : expectScalar(entry.value, `\`${key}\``, found);
    const value = scalar === undefined ? undefined : finiteNumber(scalar.text);
    if (value !== undefined && Math.abs(value) <= most) return value;
    if (scalar !== undefined) found.error('bad-test-value', scalar, `\`${scalar.text}\` is no value of \`${key}\`: degrees from -${most} to ${most}`);
    return undefined;
  };
  const [lat, lon] = [degrees('lat', 90), degrees('lon', 180)];
  return lat === undefined || lon === undefined ? undefined : geoUnitVector(lat, lon);
}

function readAlerts(map: YamlMap, start: number, events: readonly RuleTestEvent[], reading: TestReading): readonly ExpectedAlert[] {
  const { found } = reading;
  const entry = entryOf(map, 'alerts');
  if (entry === undefined) found.error('missing-key', { start: map.start, end: map.start }, 'a test has the key `alerts`', { hint: 'alerts: [] when none is expected' });
  const items = entry === undefined ? [] : (expectSeq(entry.value, '`alerts`', found)?.items ?? []);
  return items.flatMap((item) => (reading.isWindowRule ? readWindowAlert(item, start, reading) : readEventAlert(item, start, events, found)) ?? []);
}

function readEventAlert(node: YamlNode, start: number, events: readonly RuleTestEvent[], found: DiagnosticList): ExpectedAlert | undefined {
  if (node.kind === 'scalar') return knownEvent(node, events, found) ? { event: node.text } : undefined;
  const map = expectMap(node, 'an alert', found, 'the id of an event, or { event: a, at: 30m }');
  if (map === undefined) return undefined;
  if (entryOf(map, 'key') !== undefined || entryOf(map, 'end') !== undefined) {
    found.error('bad-expectation', map, 'only the alerts of a window rule have `key` and `end`', { hint: '{ event: a, at: 30m }' });
    return undefined;
  }
  refuseUnknownKeys(map, ['event', 'at'], 'an alert', found);
  const event = entryOf(map, 'event');
  const at = entryOf(map, 'at');
  const id = event === undefined ? undefined : expectScalar(event.value, '`event`', found);
  const atScalar = at === undefined ? undefined : expectScalar(at.value, '`at`', found);
  const atTs = atScalar === undefined ? undefined : readInstant(atScalar, start, found);
  if (event === undefined) found.error('missing-key', map, 'an alert has the key `event`');
  return id === undefined || !knownEvent(id, events, found) ? undefined : { event: id.text, ...(atTs === undefined ? {} : { atTs }) };
}

function knownEvent(scalar: YamlScalar, events: readonly RuleTestEvent[], found: DiagnosticList): boolean {
  if (events.some(({ id }) => id === scalar.text)) return true;
  if (!found.hasErrors || events.length > 0) found.error('unknown-event', scalar, `the test has no event \`${scalar.text}\``, didYouMean(scalar.text, events.map(({ id }) => id)));
  return false;
}

function readWindowAlert(node: YamlNode, start: number, reading: TestReading): ExpectedAlert | undefined {
  const { found, by } = reading;
  const usage = by.length === 0 ? '{ end: 10m }' : by.length === 1 ? '{ key: m1, end: 10m }' : '{ key: [a, b], end: 10m }';
  if (node.kind === 'refused') return undefined;
  if (node.kind !== 'map') {
    found.error('bad-expectation', node, 'an alert of a window rule has a key and an end', { hint: usage });
    return undefined;
  }
  refuseUnknownKeys(node, ['key', 'end'], 'an alert of a window rule', found);
  const [keyEntry, endEntry] = [entryOf(node, 'key'), entryOf(node, 'end')];
  const keys = keyEntry === undefined ? [] : scalarsOf(keyEntry.value, '`key`', found);
  if (keys !== undefined && keys.length !== by.length) found.error('bad-expectation', keyEntry?.value ?? node, `the rule's key has ${by.length} ${by.length === 1 ? 'field' : 'fields'}, and this ${keys.length}`, { hint: usage });
  if (endEntry === undefined) found.error('missing-key', node, 'an alert of a window rule has the key `end`', { hint: usage });
  const end = endEntry === undefined ? undefined : expectScalar(endEntry.value, '`end`', found);
  const endTs = end === undefined ? undefined : readInstant(end, start, found);
  return keys === undefined || endTs === undefined ? undefined : { key: keys.map((scalar, i) => keyText(scalar, by[i], reading)), endTs };
}

/** A key value as alerts have it: decimals in canonical form. */
function keyText(scalar: YamlScalar, field: string | undefined, { schema, on }: TestReading): string {
  const [meaning] = field === undefined ? [] : fieldMeanings(schema, on, field);
  return meaning?.type === 'decimal' ? (canonicalDecimal(scalar.text, meaning.scale) ?? scalar.text) : scalar.text;
}
