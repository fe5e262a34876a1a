import type { FieldValue, Geo } from '@weir/contracts';
import type { ValueType } from '@weir/rule-lang';
import type { Rational } from './exact.js';
import { fromDecimalText, fromDouble, fromInteger, toDouble } from './exact.js';

/** Why a value is unknown: a field of the event looked at that is absent, or a reason in a few words (`division by zero`). */
export type UnknownReason = { readonly kind: 'field'; readonly name: string } | { readonly kind: 'other'; readonly text: string };
export interface Unknown { readonly kind: 'unknown'; readonly reasons: readonly UnknownReason[] }

/** A value of the rule language while it is computed with. `exact` is int, decimal and fraction: one kind of number. */
export type Value =
  | Unknown
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'exact'; readonly value: Rational }
  /** Always finite. */
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'timestamp' | 'duration'; readonly ms: Rational }
  | { readonly kind: 'geo'; readonly value: Geo }
  | { readonly kind: 'list'; readonly items: readonly Value[] };

export type ValueOf<K extends Value['kind']> = Extract<Value, { kind: K }>;

export function bool(value: boolean): Value { return { kind: 'bool', value }; }
export function exact(value: Rational): Value { return { kind: 'exact', value }; }
export function integer(value: number): Value { return { kind: 'exact', value: fromInteger(value) }; }

export function unknownBecause(text: string): Unknown { return { kind: 'unknown', reasons: [{ kind: 'other', text }] }; }
export function absentField(name: string): Unknown { return { kind: 'unknown', reasons: [{ kind: 'field', name }] }; }

function sameReason(a: UnknownReason, b: UnknownReason): boolean {
  return a.kind === 'field' ? b.kind === 'field' && a.name === b.name : b.kind === 'other' && a.text === b.text;
}

/** Unknown for all the reasons that the unknown ones among `values` have, each once, in order. */
export function unknownFrom(values: readonly Value[]): Unknown {
  const reasons: UnknownReason[] = [];
  for (const value of values) {
    if (value.kind !== 'unknown') continue;
    for (const reason of value.reasons) if (!reasons.some((known) => sameReason(known, reason))) reasons.push(reason);
  }
  return { kind: 'unknown', reasons };
}

/** A double, or unknown when it is not finite (rule-language §2). */
export function finiteDouble(value: number, reason = 'not a finite number'): Value {
  return Number.isFinite(value) ? { kind: 'double', value } : unknownBecause(reason);
}

/** The nearest double of an exact number; doubles stay. Unknown beyond the largest double. */
export function asDouble(value: ValueOf<'exact'> | ValueOf<'double'>): Value {
  return value.kind === 'double' ? value : finiteDouble(toDouble(value.value));
}

/** Where the static type of an expression is double, an exact value becomes the nearest double; the empty sum of durations is 0 ms. */
export function asType(value: Value, type: ValueType): Value {
  if (value.kind !== 'exact') return value;
  if (type === 'duration') return { kind: 'duration', ms: value.value };
  return type === 'double' ? asDouble(value) : value;
}

/** The fraction that a number is: doubles are fractions too. */
export function asRational(value: ValueOf<'exact'> | ValueOf<'double'>): Rational {
  return value.kind === 'exact' ? value.value : fromDouble(value.value);
}

/** The value of a field as it lies in the log, by its declared type. Throws when the log holds another type: the ingester's promise is broken. */
export function fromFieldValue(value: FieldValue, type: ValueType): Value {
  switch (type) {
    case 'bool': if (typeof value === 'boolean') return { kind: 'bool', value }; break;
    case 'string': if (typeof value === 'string') return { kind: 'string', value }; break;
    case 'int': if (typeof value === 'number') return integer(value); break;
    case 'decimal': if (typeof value === 'string') return exact(fromDecimalText(value)); break;
    case 'double': if (typeof value === 'number') return finiteDouble(value); break;
    case 'timestamp': if (typeof value === 'number') return { kind: 'timestamp', ms: fromInteger(value) }; break;
    case 'geo': if (typeof value === 'object') return { kind: 'geo', value }; break;
    default: break;
  }
  throw new TypeError(`a field declared ${type} holds ${JSON.stringify(value)}`);
}

/** Canonical text: two values of one declared type are equal exactly when their texts are. Also the text of keys and of list entries. */
export function canonicalText(value: Value): string {
  switch (value.kind) {
    case 'unknown': return '?';
    case 'bool': return String(value.value);
    case 'string': return value.value;
    case 'exact': return rationalText(value.value);
    case 'double': return rationalText(fromDouble(value.value));
    case 'timestamp': case 'duration': return rationalText(value.ms);
    case 'geo': return `${value.value.lat + 0},${value.value.lon + 0}`;
    case 'list': return value.items.map(canonicalText).join(',');
  }
}

/** Canonical decimal text where there is one, else `n/d`. */
function rationalText(value: Rational): string {
  if (value.d === 1n) return value.n.toString();
  let scale = 1;
  // A decimal of the log has few decimals; anything else is a fraction and is told apart by n/d.
  for (let power = 10n; scale <= 20; scale += 1, power *= 10n) {
    if (power % value.d !== 0n) continue;
    const digits = ((value.n < 0n ? -value.n : value.n) * (power / value.d)).toString().padStart(scale + 1, '0');
    return `${value.n < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  }
  return `${value.n}/${value.d}`;
}

/** Between the texts of a key, or of an id: the ingester lets it into neither. */
export const keySeparator = '\u001f';

/** Text of a field value as a key: what alert ids and windows compare. Field values are canonical, so equal values have equal texts. */
export function keyText(value: FieldValue): string {
  return typeof value === 'object' ? `${value.lat + 0},${value.lon + 0}` : String(value);
}
