import type { Diagnostic } from '@weir/contracts';
import { RE2JS } from 're2js';
import { DiagnosticList } from '../source/diagnostic-list.js';
import { didYouMean } from '../source/did-you-mean.js';
import { isBuiltInField, isIdentifier, isReserved } from '../source/reserved-words.js';
import { sourceText } from '../source/source-text.js';
import { booleanOf, entryOf, expectMap, expectScalar, refuseUnknownKeys, wordOf } from '../source/yaml-shape.js';
import { readYaml, type YamlMap, type YamlNode, type YamlScalar } from '../source/yaml-tree.js';
import type { EventSchema, EventTypeSpec, FieldSpec, FieldType } from './event-schema.js';
import { patternSize } from './pattern-size.js';
import { sha256Hex } from './sha256.js';

const FIELD_TYPES: readonly FieldType[] = ['bool', 'string', 'int', 'decimal', 'double', 'timestamp', 'geo'];
/** Most decimals a field may declare: 10^15 is just below 2^53, so finer fields could hold no whole unit. */
const MOST_DECIMALS = 15;
const LARGEST_TEXT = 262_144;

export interface ParsedSchema {
  /** Absent when there is any error. */
  readonly schema?: EventSchema;
  readonly diagnostics: Diagnostic[];
}

/**
 * Reads the text of `rules/schema.yaml` (rule-language §8). Never throws; all errors of the file at once, with positions.
 * @param file name used in the findings.
 */
export function parseSchema(text: string, file = 'schema.yaml'): ParsedSchema {
  const source = sourceText(text, file);
  const found = new DiagnosticList(source);
  if (text.length > LARGEST_TEXT) {
    found.error('file-too-large', { start: 0, end: 0 }, 'a schema has 256 KB at most');
    return { diagnostics: found.all() };
  }
  const root = readYaml(source, found);
  const map = root === undefined ? undefined : expectMap(root, 'a schema', found);
  if (root === undefined && !found.hasErrors) found.error('missing-key', { start: 0, end: 0 }, 'a schema has the key `events`');
  const schema = map === undefined ? undefined : readSchema(map, found);
  return schema === undefined || found.hasErrors ? { diagnostics: found.all() } : { schema, diagnostics: found.all() };
}

function readSchema(map: YamlMap, found: DiagnosticList): EventSchema | undefined {
  refuseUnknownKeys(map, ['version', 'currency', 'events'], 'a schema', found);
  const version = entryOf(map, 'version');
  const versionText = version === undefined ? undefined : expectScalar(version.value, '`version`', found);
  if (version === undefined) found.error('missing-key', { start: map.start, end: map.start }, 'a schema has the key `version`', { hint: 'version: 1' });
  else if (versionText !== undefined && versionText.text !== '1') found.error('bad-version', versionText, `this program reads version 1 of the schema, not \`${versionText.text}\``);
  const currencyEntry = entryOf(map, 'currency');
  const currency = currencyEntry === undefined ? undefined : expectScalar(currencyEntry.value, '`currency`', found);
  if (currency !== undefined && !isCurrency(currency.text)) found.error('bad-value', currency, `\`${currency.text}\` is no currency code`, { hint: 'three capital letters, such as EUR' });
  const events = entryOf(map, 'events');
  if (events === undefined) {
    found.error('missing-key', { start: map.start, end: map.start }, 'a schema has the key `events`');
    return undefined;
  }
  const eventMap = expectMap(events.value, '`events`', found);
  const types = (eventMap?.entries ?? []).map(({ key, value }) => readType(key, value, found));
  const body = { version: 1, ...(currency === undefined ? {} : { currency: currency.text }), types };
  return { ...body, hash: sha256Hex(canonicalSchema(body)).slice(0, 16) };
}

function isCurrency(text: string): boolean {
  return /^[A-Z]{3}$/.test(text);
}

function readType(key: YamlScalar, value: YamlNode, found: DiagnosticList): EventTypeSpec {
  if (!isIdentifier(key.text) || isReserved(key.text)) found.error('bad-name', key, `\`${key.text}\` cannot be the name of an event type`, { hint: 'letters, digits and _, not beginning with a digit; no keyword of CEL and no word of the rule language' });
  const fields: FieldSpec[] = [];
  let late: EventTypeSpec['late'] = 'drop';
  const isEmpty = value.kind === 'scalar' && value.text === '';
  for (const entry of isEmpty ? [] : (expectMap(value, `the event type \`${key.text}\``, found)?.entries ?? [])) {
    if (entry.key.text === 'late' && entry.value.kind === 'scalar') late = wordOf(entry.value, ['drop', 'restamp'] as const, '`late`', found) ?? 'drop';
    else fields.push(readField(entry.key, entry.value, found));
  }
  for (const field of fields) {
    const currency = field.currency;
    if (currency === undefined || !('field' in currency)) continue;
    const target = fields.find(({ name }) => name === currency.field);
    const entry = value.kind === 'map' ? entryOf(value, field.name)?.value : undefined;
    const place = (entry?.kind === 'map' ? entryOf(entry, 'currency')?.value : undefined) ?? value;
    if (target === undefined) found.error('unknown-field', place, `\`${currency.field}\` is neither a field of \`${key.text}\` nor a currency code`, didYouMean(currency.field, fields.map(({ name }) => name)));
    else if (target.type !== 'string') found.error('bad-schema', place, `\`${currency.field}\` is no string, so it cannot hold a currency`);
  }
  return { name: key.text, late, fields };
}

function readField(key: YamlScalar, value: YamlNode, found: DiagnosticList): FieldSpec {
  const name = key.text;
  if (!isIdentifier(name)) found.error('bad-name', key, `\`${name}\` cannot be the name of a field`, { hint: 'letters, digits and _, not beginning with a digit' });
  else if (isBuiltInField(name)) found.error('reserved-name', key, `\`${name}\` is a field of every event and is not declared`);
  else if (isReserved(name) || name === 'stated_ts') found.error('reserved-name', key, `\`${name}\` is a word of the rule language and cannot be the name of a field`);
  const fallback: FieldSpec = { name, type: 'string', required: false, scale: 0, pii: false };
  const map = expectMap(value, `the field \`${name}\``, found, `${name}: { type: string }`);
  if (map === undefined) return fallback;
  refuseUnknownKeys(map, ['type', 'scale', 'required', 'pii', 'pattern', 'currency'], 'a field', found);
  const typeEntry = entryOf(map, 'type');
  if (typeEntry === undefined) found.error('missing-key', key, `the field \`${name}\` has no type`, { hint: `one of ${FIELD_TYPES.join(', ')}` });
  const type = typeEntry === undefined ? undefined : wordOf(typeEntry.value, FIELD_TYPES, 'a type', found);
  if (type === undefined) return fallback;
  const pattern = readPattern(map, type, found);
  const currency = readCurrency(map, type, found);
  return {
    name, type,
    required: readFlag(map, 'required', found),
    scale: readScale(key, map, type, found),
    pii: readFlag(map, 'pii', found),
    ...(pattern === undefined ? {} : { pattern }),
    ...(currency === undefined ? {} : { currency }),
  };
}

function readFlag(map: YamlMap, key: string, found: DiagnosticList): boolean {
  const entry = entryOf(map, key);
  return entry === undefined ? false : (booleanOf(entry.value, `\`${key}\``, found) ?? false);
}

function readScale(field: YamlScalar, map: YamlMap, type: FieldType, found: DiagnosticList): number {
  const entry = entryOf(map, 'scale');
  if (entry === undefined) {
    if (type === 'decimal') found.error('missing-key', field, `the decimal \`${field.text}\` has no scale`, { hint: 'scale: 2 allows two decimals' });
    return 0;
  }
  const scalar = expectScalar(entry.value, '`scale`', found);
  if (scalar === undefined) return 0;
  if (type !== 'decimal') found.error('bad-schema', entry.key, `only decimals have a scale, \`${field.text}\` is of type ${type}`);
  else if (!/^\d{1,2}$/.test(scalar.text) || Number(scalar.text) > MOST_DECIMALS) found.error('bad-value', scalar, `\`scale\` is a whole number from 0 to ${MOST_DECIMALS}, not \`${scalar.text}\``);
  else return Number(scalar.text);
  return 0;
}

function readPattern(map: YamlMap, type: FieldType, found: DiagnosticList): string | undefined {
  const entry = entryOf(map, 'pattern');
  const scalar = entry === undefined ? undefined : expectScalar(entry.value, '`pattern`', found);
  if (entry === undefined || scalar === undefined) return undefined;
  if (type !== 'string') found.error('bad-schema', entry.key, `only strings have a pattern, this field is of type ${type}`);
  const fault = patternFault(scalar.text);
  if (fault !== undefined) found.error('bad-pattern', scalar, fault.message);
  return scalar.text;
}

/** Parts of a pattern with its repetitions written out; a match takes time by parts and characters. */
const LARGEST_PATTERN = 2000;

export interface PatternFault { readonly message: string; readonly hint?: string }

/** Why a pattern is not taken: RE2 does not read it, or it could take long; undefined when it is good. */
export function patternFault(pattern: string): PatternFault | undefined {
  if (pattern.length > 1000) return { message: 'the pattern is longer than 1,000 characters' };
  if (patternSize(pattern) > LARGEST_PATTERN) return { message: 'the pattern has more than 2,000 parts with its repetitions written out', hint: 'repeat less; `size(x)` tells how long a text is' };
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (refusal) {
    return { message: `RE2 does not read this pattern: ${refusal instanceof Error ? refusal.message : String(refusal)}`, hint: 'RE2 has no look-around and no back references' };
  }
}

function readCurrency(map: YamlMap, type: FieldType, found: DiagnosticList): FieldSpec['currency'] {
  const entry = entryOf(map, 'currency');
  const scalar = entry === undefined ? undefined : expectScalar(entry.value, '`currency`', found);
  if (entry === undefined || scalar === undefined) return undefined;
  if (type !== 'decimal') found.error('bad-schema', entry.key, `only decimals have a currency, this field is of type ${type}`);
  return isCurrency(scalar.text) ? { code: scalar.text } : { field: scalar.text };
}

/** Same types and fields, same text; order, comments and layout of the file do not show. */
function canonicalSchema(schema: Omit<EventSchema, 'hash'>): string {
  const types = [...schema.types].sort(byName).map(({ name, late, fields }) => [name, late, [...fields].sort(byName).map((field) => [
    field.name, field.type, field.required, field.scale, field.pii, field.pattern ?? null, field.currency ?? null,
  ])]);
  return JSON.stringify([schema.version, schema.currency ?? null, types]);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
