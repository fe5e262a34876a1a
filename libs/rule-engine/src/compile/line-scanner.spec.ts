import { describe, expect, it } from '@jest/globals';
import { geoUnitVector } from '@weir/rule-lang';
import { LinearMemory } from '@weir/stream-core';
import { EventRows } from './event-rows.js';
import type { FieldSlot } from './event-rows.js';
import { LineScanner } from './line-scanner.js';
import { scanSlackBytes } from './scan-kernel.js';

const capacity = 16;
const slots: readonly FieldSlot[] = [
  { name: 'card', type: 'string', scale: 0, isMixed: false }, { name: 'amount', type: 'decimal', scale: 2, isMixed: false }, { name: 'tries', type: 'int', scale: 0, isMixed: false },
  { name: 'declined', type: 'bool', scale: 0, isMixed: false }, { name: 'place', type: 'geo', scale: 0, isMixed: false },
];
const fieldTypes = [new Map([['card', 'string'], ['amount', 'decimal'], ['tries', 'int'], ['declined', 'bool'], ['note', 'string']]), new Map([['card', 'string'], ['amount', 'decimal'], ['place', 'geo']])];

function scannerInMemory(): { scanner: LineScanner; rows: EventRows; load: (text: string) => { from: number; to: number } } {
  const memory = new LinearMemory();
  const rows = new EventRows(slots, capacity, memory);
  const scanner = new LineScanner({ slots }, rows, fieldTypes, true, memory);
  const input = memory.u8((1 << 16) + scanSlackBytes);
  return {
    scanner, rows,
    load: (text) => {
      const bytes = new TextEncoder().encode(text);
      input.set(bytes);
      rows.bytes = new Uint8Array(memory.memory.buffer);
      return { from: input.byteOffset, to: input.byteOffset + bytes.length };
    },
  };
}

const payment = (i: number): string => `{"id":"p${i}","type":"payment","ts":${1_767_571_200_000 + i},"card":"card-${i % 7}","amount":${i}.${i % 10},"tries":${i % 5 - 2},"note":"${'x'.repeat(i % 40)}","declined":${i % 3 === 0}}`;
const bare = (i: number): string => `{"id":"b${i}","type":"payment","ts":${1_767_571_200_000 + i},"declined":${i % 2 === 0}}`;
const transfer = (i: number): string => `{"id":"t${i}","type":"transfer","ts":${1_767_571_200_000 + i},"card":"c${i}","amount":${i * 1_000}}`;
const shapes = [payment, bare, transfer];
const typeOf = (i: number): number => (i % 3 === 2 ? 1 : 0);
const shapeOf = (i: number): string => (shapes[i % 3] ?? payment)(i);

/** What the row of a line must hold, by JSON. */
function expectedOf(line: string): unknown {
  const { id, type, ts, card, amount, tries, declined } = JSON.parse(line) as Record<string, unknown>;
  const number = (value: unknown, by: number): number => (typeof value === 'number' ? Math.round(value * by) + 0 : NaN);
  return { id, type: type === 'payment' ? 0 : 1, ts, card, amount: number(amount, 100), tries: number(tries, 1), declined: declined === undefined ? NaN : Number(declined), place: undefined };
}
function held(rows: EventRows, row: number): unknown {
  const number = (slot: number): number | undefined => rows.numbers[slot]?.[row];
  return { id: rows.id.text(row), type: rows.type[row], ts: rows.ts[row], card: rows.texts[0]?.text(row), amount: number(1), tries: number(2), declined: number(3), place: rows.places[4]?.[row] };
}

describe('a scanner of lines', () => {
  it.each([true, false])('comes to an end at a string that the input breaks off in (generated code: %s)', (generates) => {
    const rows = new EventRows(slots, capacity);
    const scanner = new LineScanner({ slots }, rows, fieldTypes, generates);
    scanner.learn(bare(0), 0);
    const whole = new TextEncoder().encode(bare(1));
    expect(scanner.scanRows(0, (rows.bytes = whole).length, 0, capacity, false)).toBe(1);
    for (let to = 0; to < whole.length; to++) expect(scanner.scanRows(0, (rows.bytes = whole.slice(0, to)).length, 0, capacity, false)).toBe(0);
  });
});

describe('a scanner of lines in memory', () => {
  it('reads lines of several shapes as JSON says, before and after it has made a kernel', () => {
    const { scanner, rows, load } = scannerInMemory();
    shapes.forEach((_, i) => scanner.learn(shapeOf(i), typeOf(i)));
    const lines = Array.from({ length: 600 }, (_, i) => shapeOf(i));
    const { from, to } = load(lines.map((line) => `${line}\n`).join(''));
    const read: unknown[] = [];
    for (let at = from; at < to;) {
      // Places of earlier events, which came another way.
      for (let row = 0; row < capacity; row++) rows.set(4, row, geoUnitVector(1, 1));
      const count = scanner.scanRows(at, to, 0, capacity, true);
      expect(count).toBeGreaterThan(0);
      for (let row = 0; row < count; row++) {
        read.push(held(rows, row));
        expect((scanner.lineStart[row + 1] ?? 0) - (scanner.lineStart[row] ?? 0)).toBe((lines[read.length - 1]?.length ?? 0) + 1);
      }
      at = scanner.lineStart[count] ?? 0;
    }
    expect(read).toEqual(lines.map(expectedOf));
  });

  it('stops at a line that it does not know and says where, and takes it once it has learned it', () => {
    const { scanner, load } = scannerInMemory();
    scanner.learn(payment(1), 0);
    const known = Array.from({ length: 300 }, (_, i) => `${payment(i)}\n`).join('');
    for (let piece = load(known); piece.from < piece.to; piece = { ...piece, from: scanner.lineStart[scanner.scanRows(piece.from, piece.to, 0, capacity, true)] ?? piece.to });
    const { from, to } = load(`${payment(3)}\n${payment(4)}\n${transfer(5)}\n${payment(6)}\n`);
    expect(scanner.scanRows(from, to, 0, capacity, true)).toBe(2);
    expect(scanner.lineStart[2]).toBe(from + payment(3).length + payment(4).length + 2);
    scanner.learn(transfer(5), 1);
    expect(scanner.scanRows(scanner.lineStart[2] ?? 0, to, 2, capacity, true)).toBe(2);
    expect(scanner.lineStart[4]).toBe(to);
  });

  it('takes a last line without its newline, and none that is cut', () => {
    const { scanner, load } = scannerInMemory();
    scanner.learn(payment(1), 0);
    const many = load(Array.from({ length: 200 }, (_, i) => `${payment(i)}\n`).join(''));
    for (let { from } = many; from < many.to; from = scanner.lineStart[scanner.scanRows(from, many.to, 0, capacity, true)] ?? many.to);
    const { from, to } = load(`${payment(8)}\n${payment(9)}`);
    expect(scanner.scanRows(from, to, 0, capacity, true)).toBe(2);
    for (let cut = to - 1; cut > from + payment(8).length + 1; cut--) expect(scanner.scanRows(from, cut, 0, capacity, true)).toBe(1);
  });

  it('gives no text of a line that was in the row before', () => {
    const { scanner, rows, load } = scannerInMemory();
    scanner.learn(transfer(1), 1);
    for (let i = 0; i < 400; i += capacity) {
      const { from, to } = load(Array.from({ length: capacity }, (_, row) => `${transfer(1000 + i + row)}\n`).join(''));
      expect(scanner.scanRows(from, to, 0, capacity, true)).toBe(capacity);
      expect([...rows.type.keys()].map((row) => rows.texts[0]?.text(row))).toEqual([...rows.type.keys()].map((row) => `c${1000 + i + row}`));
    }
  });

  it('reads the same lines where there is no memory for kernels', () => {
    const rows = new EventRows(slots, capacity);
    const scanner = new LineScanner({ slots }, rows, fieldTypes, true);
    shapes.forEach((_, i) => scanner.learn(shapeOf(i), typeOf(i)));
    const lines = Array.from({ length: capacity }, (_, i) => shapeOf(i));
    rows.bytes = new TextEncoder().encode(lines.join('\n'));
    expect(scanner.scanRows(0, rows.bytes.length, 0, capacity, false)).toBe(capacity);
    expect(lines.map((_, row) => held(rows, row))).toEqual(lines.map(expectedOf));
  });
});
