import { describe, expect, it } from '@jest/globals';
import { LinearMemory } from '@weir/stream-core';
import fc from 'fast-check';
import { EventRows } from './event-rows.js';
import type { FieldSlot } from './event-rows.js';
import { generateScan } from './generate-scan.js';
import type { Part, Template } from './line-scanner.js';
import { ScanKernel, scanSlackBytes } from './scan-kernel.js';

const encoder = new TextEncoder();
const runs = Number(process.env['SCAN_RUNS'] ?? 200);
const capacity = 12;
const slots: readonly FieldSlot[] = (['string', 'string', 'decimal', 'decimal', 'int', 'bool', 'geo', 'string'] as const).map((type, i) => ({ name: `f${i}`, type, scale: 0, isMixed: false }));
const memory = new LinearMemory();
const inMemory = new EventRows(slots, capacity, memory);
const lineStart = memory.i32(capacity + 1);
const input = memory.u8(1 << 15);
const onHeap = new EventRows(slots, capacity);

interface Field { readonly kind: Part['kind']; readonly slot: number; readonly scale: number; readonly key: string }
const isText = ({ kind }: Field): boolean => kind === 'id' || kind === 'text' || kind === 'skipText';
const isBool = ({ kind }: Field): boolean => kind === 'bool' || kind === 'skipBool';

/** Fields of a line beside id, ts and type; every slot at most once. */
const arbFields = fc.uniqueArray(fc.oneof(
  fc.record({ kind: fc.constant('text' as const), slot: fc.constantFrom(0, 1, 7) }),
  fc.record({ kind: fc.constant('decimal' as const), slot: fc.constantFrom(2, 3) }),
  fc.constantFrom({ kind: 'int' as const, slot: 4 }, { kind: 'bool' as const, slot: 5 }),
  fc.constantFrom(...(['skipText', 'skipNumber', 'skipBool'] as const)).chain((kind) => fc.integer({ min: -9, max: -1 }).map((slot) => ({ kind, slot }))),
), { selector: ({ slot }) => slot, maxLength: 7 });
const keys = ['a', 'ab', 'key_7', 'thirteen_long', 'exactly_sixteen', 'a_key_of_some_length', 'k'.repeat(60)] as const;
const arbShape = fc.record({
  fields: arbFields, scales: fc.tuple(fc.constantFrom(2, 2, 2, 3, 1, 0), fc.constantFrom(2, 3, 4, 8, 8, 14, 15)), order: fc.infiniteStream(fc.nat()),
  keys: fc.array(fc.nat(keys.length - 1), { minLength: 8, maxLength: 8 }), type: fc.nat(2),
}).map(({ fields, scales, order, keys: names, type }) => {
  const all: Field[] = fields.map(({ kind, slot }, i) => ({ kind, slot: Math.max(slot, -1), scale: kind === 'decimal' ? scales[slot - 2] ?? 0 : 0, key: `${keys[names[i] ?? 0]}${slot}` }));
  // Keys of their own places first in most lines, as in life: what templates have alike is read once.
  for (const kind of ['type', 'ts', 'id'] as const) all.splice(((order.next().value ?? 0) % 3) * (all.length && 1), 0, { kind, slot: -1, scale: 0, key: kind });
  return { type, fields: all };
});
type Shape = typeof arbShape extends fc.Arbitrary<infer S> ? S : never;

function templateOf({ type, fields }: Shape): Template {
  const parts = fields.map(({ kind, slot, scale, key }, i): Part => ({ kind, slot, scale, literal: encoder.encode(`${i === 0 ? '{' : ','}"${key}":${kind === 'type' ? `"t${type}"` : ''}`) }));
  return { type, parts, slots: slots.flatMap((_, slot) => (fields.some((field) => field.slot === slot) ? [] : [slot])) };
}

const digits = (max: number): fc.Arbitrary<string> => fc.array(fc.constantFrom(...'0123456789', '0'), { minLength: 1, maxLength: max }).map((all) => all.join(''));
const integers = fc.oneof({ weight: 4, arbitrary: fc.nat(99_999).map(String) }, { weight: 1, arbitrary: digits(19) }, { weight: 1, arbitrary: fc.constantFrom('0', '00', '1767571200000', '999999999999999', '1000000000000000') });
const arbNumber = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constantFrom('', '', '', '-'), integers, fc.oneof(fc.constant(''), digits(4).map((all) => `.${all}`), digits(18).map((all) => `.${all}`), fc.constantFrom('.00', '.50', '.', '.0000000000'))).map((all) => all.join('')) },
  { weight: 1, arbitrary: fc.constantFrom('-', '', '.5', '-0', '-0.0', '1e5', '1E5', '0.1e1', '+1', ' 1', '1 ', 'null', '"1"', '12-3', '1.2.3', '--1', '9'.repeat(40)) },
);
const plain = fc.oneof({ weight: 6, arbitrary: fc.string({ maxLength: 40, unit: fc.constantFrom(...'abcXYZ019 -_.,:{}[]~ !#') }) }, { weight: 1, arbitrary: fc.constantFrom('x'.repeat(15), 'x'.repeat(16), 'x'.repeat(17), 'y'.repeat(31), 'y'.repeat(32), 'z'.repeat(200)) });
const arbText = fc.oneof({ weight: 12, arbitrary: plain.map((text) => `"${text}"`) }, { weight: 1, arbitrary: fc.tuple(plain, fc.constantFrom('\\"', '\\', '\\n', 'é', '\u007f', '\u001f', '\t', '\u0080', '漢', '\n', '\u0000'), plain).map((all) => `"${all.join('')}"`) }, { weight: 1, arbitrary: fc.constantFrom('null', '""', '"', '1') });
const arbBool = fc.constantFrom('true', 'false', 'true', 'false', 'true', 'false', 'tru', 'falsy', 'null', 'True', 'xalse', 'trueX');

const arbTame = fc.record({ text: plain.map((text) => `"${text}"`), number: fc.tuple(fc.constantFrom('', '', '-'), fc.nat(999_999), fc.constantFrom('', '', '.5', '.07', '.10', '.00', '.125')).map((all) => all.join('')), bool: fc.boolean().map(String) });
const arbWild = fc.record({ text: arbText, number: arbNumber, bool: arbBool });
const manyFields = 10;
const arbLine = fc.record({
  shape: fc.nat(3), tame: fc.array(arbTame, { minLength: manyFields, maxLength: manyFields }),
  /** Values that a scanner may refuse, by field. */
  wild: fc.array(fc.tuple(fc.nat(manyFields - 1), arbWild), { maxLength: 2 }).map((all) => new Map(all)),
  end: fc.oneof({ weight: 30, arbitrary: fc.constant('}\n') }, { weight: 1, arbitrary: fc.constantFrom('}\r\n', '\n', '}}\n', '} \n', ',"more":1}\n', '}\n\n') }),
});
type Line = typeof arbLine extends fc.Arbitrary<infer L> ? L : never;

function lineOf({ shape, tame, wild, end }: Line, shapes: readonly Shape[]): string {
  const { type, fields } = shapes[shape % shapes.length]!;
  const value = (field: Field, i: number): string => {
    const { text, number, bool } = wild.get(i) ?? tame[i]!;
    if (field.kind === 'type') return `"t${type}"`;
    if (isText(field)) return text;
    if (isBool(field)) return bool;
    // Whole where a decimal would be refused anyway.
    return wild.has(i) || field.kind === 'decimal' || field.kind === 'skipNumber' ? number : number.replace(/\..*/, '');
  };
  return `{${fields.map((field, i) => `"${field.key}":${value(field, i)}`).join(',')}${end}`;
}

interface Reading { readonly type: number; readonly ts: number; readonly id: readonly number[]; readonly values: readonly unknown[] }
function readingOf(rows: EventRows, row: number): Reading {
  const range = (start: number, size: number): number[] => (start < 0 ? [start] : [start, size]);
  return {
    type: rows.type[row]!, ts: rows.ts[row]!, id: range(rows.id.start[row]!, rows.id.size[row]!),
    values: slots.map(({ type }, slot) => (type === 'geo' ? 'geo' : type === 'string' ? range(rows.texts[slot]!.start[row]!, rows.texts[slot]!.size[row]!) : rows.numbers[slot]![row])),
  };
}

/** Reads all lines that can be read; after one that cannot, goes on behind the next newline. */
function readAll(bytes: Uint8Array, from: number, to: number, rows: EventRows, scan: (at: number, row: number) => { readonly read: readonly number[]; readonly at: number }): unknown[] {
  const out: unknown[] = [];
  for (let at = from; at < to;) {
    const done = scan(at, 0);
    done.read.forEach((start, row) => out.push({ start, ...readingOf(rows, row) }));
    ({ at } = done);
    if (done.read.length > 0 || at >= to) continue;
    out.push({ refused: at });
    const newline = bytes.indexOf(10, at);
    at = newline < 0 ? to : newline + 1;
  }
  return out;
}

describe('the scan kernel', () => {
  it('takes the lines that the generated scanner takes, with the same values, whatever bytes are changed or cut off', () => {
    const taken = { lines: 0, refused: 0 };
    const arbCase = fc.record({
      shapes: fc.array(arbShape, { minLength: 1, maxLength: 4 }), lines: fc.array(arbLine, { minLength: 1, maxLength: 16, size: 'max' }),
      changes: fc.array(fc.record({ at: fc.nat(), byte: fc.oneof(fc.constantFrom(...'"\\0123456789.,-{}:eE \n\r'.split('').map((c) => c.charCodeAt(0))), fc.nat(255)) }), { maxLength: 3 }),
      shift: fc.nat(15), cut: fc.option(fc.nat()), rows: fc.integer({ min: 1, max: capacity }),
    });
    fc.assert(fc.property(arbCase, ({ shapes, lines, changes, shift, cut, rows }) => {
      const templates = shapes.map(templateOf);
      const kernel = new ScanKernel(templates, { ...inMemory, lineStart }, memory);
      const scans = templates.map((template) => generateScan(template, onHeap));
      const text = encoder.encode(lines.map((line) => lineOf(line, shapes)).join(''));
      for (const { at, byte } of changes) text[at % text.length] = byte;
      input.fill(0).set(text, shift);
      // What lies behind a cut goes on as a line would: none of it may be read.
      const from = input.byteOffset + shift;
      const to = from + (cut === null ? text.length : cut % (text.length + 1));
      expect(input.length).toBeGreaterThan(shift + text.length + scanSlackBytes);
      onHeap.bytes = new Uint8Array(memory.memory.buffer);
      const byKernel = readAll(onHeap.bytes, from, to, inMemory, (at) => {
        const count = kernel.scan(at, to, 0, rows);
        expect(count).toBeLessThanOrEqual(rows);
        return { read: [...lineStart.subarray(0, count)], at: lineStart[count]! };
      });
      const byHost = readAll(onHeap.bytes, from, to, onHeap, (start) => {
        const read: number[] = [];
        let at = start;
        while (read.length < rows && at < to) {
          const next = scans.reduce((found, scan) => (found >= 0 ? found : scan(at, to, read.length)), -1);
          if (next < 0) break;
          read.push(at);
          at = next;
        }
        return { read, at };
      });
      expect(byKernel).toEqual(byHost);
      for (const one of byHost) if (typeof one === 'object' && one !== null && 'refused' in one) taken.refused++; else taken.lines++;
    }), { numRuns: runs });
    // The comparison says something only when both kinds of lines came.
    expect(Math.min(taken.lines, taken.refused)).toBeGreaterThan(runs);
  });
});
