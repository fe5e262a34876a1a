import type { FieldValue, RejectCode } from '@weir/contracts';
import { type FieldSpec, geoUnitVector } from '@weir/rule-lang';
import { RE2JS } from 're2js';
import { describeJson, isHighSurrogate, isLowSurrogate, JsonNumber, JsonObject, type JsonValue, quoteShort } from '../json/json-value.js';
import { readDecimal } from './decimal-text.js';
import { readIsoTime } from './instant-text.js';

/** Bounds of one event's values. */
export interface EventLimits {
  /** UTF-16 units of a text field; default 4,096. */
  readonly maxTextUnits: number;
  /** UTF-16 units of an id; default 200. */
  readonly maxIdUnits: number;
  /** UTF-16 units of all unknown fields together, as JSON; default 32,768. */
  readonly maxExtraUnits: number;
}
/** Used where nothing else is asked for. */
export const defaultEventLimits: EventLimits = { maxTextUnits: 4_096, maxIdUnits: 200, maxExtraUnits: 32_768 };

/** Why a field's value was refused; `message` does not repeat the field's name. */
export class FieldRefusal {
  constructor(readonly code: RejectCode, readonly message: string, readonly part = '') {}
}

/** How values arrive: `json` = each in its own JSON type; `text` = a cell of a file, where `12`, `true` and `0` may be written as text. */
export type ValueForm = 'json' | 'text';
/** Reads one field's value, as its type wants it; a refusal says what was wanted. */
export type FieldReader = (value: JsonValue, form: ValueForm) => FieldValue | FieldRefusal;

/** Last instant that a field may hold, 9999-12-31T23:59:59.999Z: what every other system can still write. */
const lastInstantMs = 253_402_300_799_999;

/** The reader of one field: checks type, range and pattern and gives the value as it lies in the log. Built once per schema. */
export function fieldReader(spec: FieldSpec, limits: EventLimits): FieldReader {
  switch (spec.type) {
    case 'string': return textReader(spec, limits);
    case 'decimal': return (value, form) => readDecimalField(value, spec.scale, form);
    case 'int': return readInt;
    case 'double': return readDouble;
    case 'bool': return readBool;
    case 'timestamp': return readInstant;
    case 'geo': return readPlace;
  }
}

function textReader(spec: FieldSpec, limits: EventLimits): FieldReader {
  const matches = spec.pattern === undefined ? undefined : wholeMatcher(spec.pattern);
  return (value, form) => {
    const text = form === 'text' && value instanceof JsonNumber ? value.text : value;
    if (typeof text !== 'string') return new FieldRefusal('bad-type', `a text is expected, not ${describeJson(value)}`);
    const fault = textFault(text, limits.maxTextUnits);
    if (fault !== undefined) return fault;
    if (matches !== undefined && !matches(text)) return new FieldRefusal('bad-format', `${quoteShort(text)} does not match the pattern ${spec.pattern}`);
    return text;
  };
}

/** Whole match by RE2 (linear time). Answers are kept for short texts: countries and currencies come again and again. */
function wholeMatcher(pattern: string): (text: string) => boolean {
  const compiled = RE2JS.compile(pattern);
  const known = new Map<string, boolean>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const answer = compiled.matches(text);
    if (text.length <= 16) {
      if (known.size >= 4_096) known.clear();
      known.set(text, answer);
    }
    return answer;
  };
}

/** Length and characters of a text: U+0000 cannot be stored, U+001F separates the parts of alert ids (rule-language §7), half a surrogate pair is no character. */
export function textFault(text: string, maxUnits: number): FieldRefusal | undefined {
  if (text.length > maxUnits) return new FieldRefusal('too-long', `${text.length} characters, the limit is ${maxUnits}`);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0 || code === 0x1f) return new FieldRefusal('bad-text', `holds the control character ${codePoint(code)} at position ${i + 1}`);
    if (code < 0xd800 || code > 0xdfff) continue;
    if (!isHighSurrogate(code) || !isLowSurrogate(text.charCodeAt(i + 1))) return new FieldRefusal('bad-text', `holds half of a surrogate pair at position ${i + 1}`);
    i += 1;
  }
  return undefined;
}

const codePoint = (code: number): string => `U+${code.toString(16).padStart(4, '0').toUpperCase()}`;

/** An event's id: 1 to `maxIdUnits` characters, no control character at all. */
export function readId(value: JsonValue, form: ValueForm, limits: EventLimits): string | FieldRefusal {
  const id = form === 'text' && value instanceof JsonNumber ? value.text : value;
  if (typeof id !== 'string') return new FieldRefusal('bad-type', `a text is expected, not ${describeJson(value)}`);
  if (id === '') return new FieldRefusal('bad-format', 'is empty');
  const fault = textFault(id, limits.maxIdUnits);
  if (fault !== undefined) return fault;
  for (let i = 0; i < id.length; i += 1) {
    const code = id.charCodeAt(i);
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return new FieldRefusal('bad-text', `holds the control character ${codePoint(code)} at position ${i + 1}`);
  }
  return id;
}

/** Epoch ms as a whole number, or ISO 8601 text with its zone. Above 0, up to the year 9999. */
export function readInstant(value: JsonValue, form: ValueForm): number | FieldRefusal {
  const digits = value instanceof JsonNumber ? value.text : form === 'text' && typeof value === 'string' && /^-?\d+$/.test(value) ? value : undefined;
  if (digits !== undefined) {
    const exact = readDecimal(digits, 0);
    if (!exact.ok) {
      return exact.code === 'out-of-range'
        ? new FieldRefusal('out-of-range', `${describeJson(value)} is no instant between 1970 and 9999`)
        : new FieldRefusal('bad-format', `${describeJson(value)} is not a whole number of milliseconds since 1970`);
    }
    return boundedInstant(Number(exact.text), value);
  }
  if (typeof value !== 'string') return new FieldRefusal('bad-type', `an instant is expected (epoch milliseconds, or ISO 8601 text with a zone), not ${describeJson(value)}`);
  const time = readIsoTime(value);
  if (time === undefined) return new FieldRefusal('bad-format', `${quoteShort(value)} is no ISO 8601 date and time`);
  if (time.offsetMs === undefined) return new FieldRefusal('bad-format', `${quoteShort(value)} names no zone; add Z or an offset such as +01:00`);
  return boundedInstant(time.ms - time.offsetMs, value);
}

function boundedInstant(ms: number, value: JsonValue): number | FieldRefusal {
  return ms > 0 && ms <= lastInstantMs ? ms : new FieldRefusal('out-of-range', `${describeJson(value)} is no instant between 1970 and 9999`);
}

function readDecimalField(value: JsonValue, scale: number, form: ValueForm): string | FieldRefusal {
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== 'string') return new FieldRefusal('bad-type', `a decimal number is expected, not ${describeJson(value)}`);
  const exact = readDecimal(text, scale);
  if (exact.ok) return exact.text;
  const shown = form === 'text' || value instanceof JsonNumber ? shortNumber(text) : quoteShort(text);
  switch (exact.code) {
    case 'bad-format': return new FieldRefusal('bad-format', `${shown} is not a decimal number`);
    case 'too-fine': return new FieldRefusal('too-fine', `${shown} has ${exact.decimals} decimals, the schema allows ${scale}`);
    case 'out-of-range': return new FieldRefusal('out-of-range', `${shown} is too large: with ${scale} decimals it must stay below 2^53`);
  }
}

function readInt(value: JsonValue, form: ValueForm): number | FieldRefusal {
  const text = value instanceof JsonNumber ? value.text : form === 'text' && typeof value === 'string' ? value : undefined;
  if (text === undefined) return new FieldRefusal('bad-type', `a whole number is expected, not ${describeJson(value)}`);
  const exact = readDecimal(text, 0);
  if (exact.ok) return Number(exact.text);
  if (exact.code === 'out-of-range') return new FieldRefusal('out-of-range', `${shortNumber(text)} is too large: a whole number must stay below 2^53`);
  return new FieldRefusal(exact.code === 'too-fine' ? 'bad-type' : 'bad-format', `${shortNumber(text)} is not a whole number`);
}

function readDouble(value: JsonValue, form: ValueForm): number | FieldRefusal {
  const text = value instanceof JsonNumber ? value.text : form === 'text' && typeof value === 'string' ? value : undefined;
  if (text === undefined) return new FieldRefusal('bad-type', `a number is expected, not ${describeJson(value)}`);
  if (!/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(text)) return new FieldRefusal('bad-format', `${shortNumber(text)} is not a number`);
  const number = Number(text);
  return Number.isFinite(number) ? number + 0 : new FieldRefusal('out-of-range', `${shortNumber(text)} is larger than a double can be`);
}

function readBool(value: JsonValue, form: ValueForm): boolean | FieldRefusal {
  if (typeof value === 'boolean') return value;
  const text = value instanceof JsonNumber ? value.text : value;
  if (form === 'text' && typeof text === 'string') {
    const word = text.toLowerCase();
    if (word === 'true' || word === '1') return true;
    if (word === 'false' || word === '0') return false;
  }
  return new FieldRefusal('bad-type', `true or false is expected, not ${describeJson(value)}`);
}

function readPlace(value: JsonValue, form: ValueForm): FieldValue | FieldRefusal {
  if (form === 'text' && typeof value === 'string') {
    const [lat, lon, more] = value.split(/[,; ]\s*/);
    if (lat === undefined || lon === undefined || more !== undefined) return new FieldRefusal('bad-format', `${quoteShort(value)} is no place; write latitude,longitude`);
    return place(lat, lon, form);
  }
  if (!(value instanceof JsonObject)) return new FieldRefusal('bad-type', `a place { "lat", "lon" } is expected, not ${describeJson(value)}`);
  return place(value.get('lat') ?? null, value.get('lon') ?? null, form);
}

function place(latValue: JsonValue, lonValue: JsonValue, form: ValueForm): FieldValue | FieldRefusal {
  const lat = degrees(latValue, 'lat', 90, form);
  if (lat instanceof FieldRefusal) return lat;
  const lon = degrees(lonValue, 'lon', 180, form);
  return lon instanceof FieldRefusal ? lon : geoUnitVector(lat, lon);
}

function degrees(value: JsonValue, part: 'lat' | 'lon', bound: number, form: ValueForm): number | FieldRefusal {
  if (value === null) return new FieldRefusal('missing-field', 'is missing', part);
  const number = readDouble(value, form);
  if (number instanceof FieldRefusal) return new FieldRefusal(number.code, number.message, part);
  return Math.abs(number) <= bound ? number : new FieldRefusal('out-of-range', `${number} degrees, the limit is ${bound}`, part);
}

/** Names in a place besides lat and lon; they are kept in `extra` under `field.name`. */
export function extraOfPlace(value: JsonValue): readonly [string, JsonValue][] {
  if (!(value instanceof JsonObject) || value.names.length <= 2) return [];
  return value.names.flatMap((name, i): [string, JsonValue][] => (name === 'lat' || name === 'lon' ? [] : [[name, value.values[i] ?? null]]));
}

const shortNumber = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}...` : text === '' ? '""' : text);

