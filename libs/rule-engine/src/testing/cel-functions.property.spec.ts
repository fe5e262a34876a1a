import type { FieldValue, LogEntry } from '@weir/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createEngine } from '../engine-embedded.js';
import type { EngineDefinition, RuleEngine } from '../engine.js';
import { createInterpreter } from '../interpret/interpreter.js';
import { definitionOf, firedOn, ruleOf, testStart } from './play-rule.js';
import { playAll } from './same-alerts.js';

const engines: readonly ((definition: EngineDefinition) => RuleEngine)[] = [createInterpreter, createEngine, (definition) => createEngine({ ...definition, options: { ...definition.options, codegen: false } })];

/** Ids of the payments on which a condition is true, by all three engines, which must agree. */
function trueOn(condition: string, payments: readonly Readonly<Record<string, FieldValue>>[]): readonly string[] {
  const entries = payments.map((fields, index): LogEntry => ({ kind: 'event', seq: index + 1, ts: testStart + index, id: String(index), type: 'payment', fields: { acct: 'a', ...fields } }));
  const [interpreted = [], ...compiled] = engines.map((make) => firedOn(playAll(make(definitionOf([ruleOf(`when: ${JSON.stringify(condition)}`)], { evidence: 'none' })), entries)));
  for (const fired of compiled) expect(fired).toEqual(interpreted);
  return interpreted;
}
const idsOf = (flags: readonly boolean[]): readonly string[] => flags.flatMap((flag, index) => (flag ? [String(index)] : []));

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.string({ unit: fc.constantFrom('a', 'b', 'é', '～', '😀', '🐱', '\u0000', '"', '\\', 'A', 'Z', '@', '[', '`', '{'), maxLength: 6 }));
const literal = (value: string): string => `"${[...value].map((char) => `\\U${(char.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`).join('')}"`;

const durationParts = [['getHours', 3_600_000], ['getMinutes', 60_000], ['getSeconds', 1000], ['getMilliseconds', 1]] as const;

describe('CEL\'s functions, in interpreter, closures and generated code', () => {
  it('count, find and compare by code point, whatever the escapes of the literal', () => {
    fc.assert(fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), text, (values, wanted) => {
      const payments = values.map((merchant) => ({ merchant }));
      const points = [...wanted].length;
      expect(trueOn(`size(merchant) == ${points}`, payments)).toEqual(idsOf(values.map((value) => [...value].length === points)));
      expect(trueOn(`merchant.contains(${literal(wanted)})`, payments)).toEqual(idsOf(values.map((value) => value.includes(wanted))));
      expect(trueOn(`merchant.startsWith(${literal(wanted)})`, payments)).toEqual(idsOf(values.map((value) => [...wanted].every((char, index) => [...value][index] === char))));
      expect(trueOn(`merchant < ${literal(wanted)}`, payments)).toEqual(idsOf(values.map((value) => isBelow(value, wanted))));
      expect(trueOn(`merchant.lowerAscii() == ${literal(wanted)}`, payments)).toEqual(idsOf(values.map((value) => [...value].map((char) => (char >= 'A' && char <= 'Z' ? char.toLowerCase() : char)).join('') === wanted)));
      expect(trueOn(`merchant in [${literal(wanted)}, "-"]`, payments)).toEqual(idsOf(values.map((value) => value === wanted)));
    }), { numRuns: 12 });
  });

  it('cut the parts of durations toward zero', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.integer({ min: -200_000_000, max: 200_000_000 }), fc.constantFrom(0, 1, 999, 1000, -1, -999, -1000, 59_999, 3_600_000, -3_600_000)), { minLength: 1, maxLength: 10 }), fc.constantFrom(...durationParts), fc.integer({ min: -60, max: 60 }), (distances, [getter, unitMs], bound) => {
      const payments = distances.map((distance, index) => ({ seen_at: testStart + index + distance }));
      const part = (ms: number): number => (getter === 'getMilliseconds' ? ms % 1000 : Math.trunc(ms / unitMs));
      expect(trueOn(`(seen_at - ts).${getter}() >= ${bound}`, payments)).toEqual(idsOf(distances.map((distance) => part(distance) >= bound)));
      expect(trueOn(`((seen_at - ts) * (1 / 3)).${getter}() >= ${bound}`, payments)).toEqual(idsOf(distances.map((distance) => part(Math.trunc(distance / 3)) >= bound)));
      expect(trueOn(`abs(seen_at - ts) <= duration("${Math.abs(bound)}s")`, payments)).toEqual(idsOf(distances.map((distance) => Math.abs(distance) <= Math.abs(bound) * 1000)));
      expect(trueOn('max(seen_at, ts) == ts && min(seen_at, ts) <= seen_at', payments)).toEqual(idsOf(distances.map((distance) => distance <= 0)));
    }), { numRuns: 15 });
  });

  it('read doubles out of texts as JavaScript reads decimal numbers, and nothing else', () => {
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }).map(String), fc.tuple(fc.constantFrom('', '-', '+'), fc.nat(), fc.constantFrom('', '.', '.5', 'e3', 'E-2', 'e400', 'e-400')).map((parts) => parts.join('')));
    const other = fc.constantFrom('', ' 1', '1 ', '0x10', 'NaN', 'Infinity', '-inf', '1_000', '1,5', 'e5', '.', '--1', '1e', '１');
    fc.assert(fc.property(fc.array(fc.oneof(number, other), { minLength: 1, maxLength: 10 }), fc.double({ noNaN: true, min: -1000, max: 1000 }), (values, bound) => {
      const payments = values.map((merchant) => ({ merchant, score: bound }));
      const read = (value: string): number => (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : NaN);
      const known = (value: string): boolean => Number.isFinite(read(value));
      expect(trueOn('double(merchant) >= score', payments)).toEqual(idsOf(values.map((value) => known(value) && read(value) >= bound)));
      expect(trueOn('double(merchant).orValue(0.5) == 0.5', payments)).toEqual(idsOf(values.map((value) => !known(value) || read(value) === 0.5)));
    }), { numRuns: 25 });
  });

  it('read the civil time in every zone that the interpreter knows', () => {
    const getters = ['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'];
    fc.assert(fc.property(fc.constantFrom(...getters), fc.constantFrom('UTC', '+02:00', '02:00', '-09:30', '-00:00', '+23:59', 'Australia/Sydney', 'US/Central', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia'), fc.array(fc.integer({ min: 1, max: 4_102_444_800_000 }), { minLength: 1, maxLength: 6 }), fc.nat({ max: 60 }), (getter, zone, times, bound) => {
      const payments = times.map((seen_at) => ({ seen_at }));
      const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
      const fired = trueOn(`seen_at.${getter}(${JSON.stringify(zone)}) + 0 >= ${bound}`, payments);
      if (offset === null && zone !== 'UTC') return; // the host's zone data is the interpreter's; equality of the engines is all there is to see
      const shift = offset === null ? 0 : (Number(offset[2]) * 60 + Number(offset[3])) * 60_000 * (offset[1] === '-' ? -1 : 1);
      expect(fired).toEqual(idsOf(times.map((time) => partOf(getter, new Date(time + shift)) >= bound)));
    }), { numRuns: 25 });
  });
});

function isBelow(a: string, b: string): boolean {
  const [x, y] = [[...a].map((char) => char.codePointAt(0) ?? 0), [...b].map((char) => char.codePointAt(0) ?? 0)];
  const at = x.findIndex((point, index) => point !== y[index]);
  return at < 0 ? x.length < y.length : at < y.length && (x[at] ?? 0) < (y[at] ?? 0);
}

function partOf(getter: string, date: Date): number {
  switch (getter) {
    case 'getFullYear': return date.getUTCFullYear();
    case 'getMonth': return date.getUTCMonth();
    case 'getDate': return date.getUTCDate();
    case 'getDayOfMonth': return date.getUTCDate() - 1;
    case 'getDayOfWeek': return date.getUTCDay();
    case 'getDayOfYear': return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000);
    case 'getHours': return date.getUTCHours();
    case 'getMinutes': return date.getUTCMinutes();
    case 'getSeconds': return date.getUTCSeconds();
    default: return date.getUTCMilliseconds();
  }
}
