import { describe, expect, it } from '@jest/globals';
import { LinearMemory } from '@weir/stream-core';
import { EventRows } from './event-rows.js';
import { generateScan } from './generate-scan.js';
import type { Part, Template } from './line-scanner.js';
import { ScanKernel, scanSlackBytes } from './scan-kernel.js';

const encoder = new TextEncoder();
const literal = (text: string): Uint8Array => encoder.encode(text);
const rest: readonly Part[] = [{ literal: literal(',"type":"t"'), kind: 'type', slot: -1, scale: 0 }, { literal: literal(',"ts":'), kind: 'ts', slot: -1, scale: 0 }];

/** What is read of a value in the line `{"id":"1","v":...,"type":"t","ts":7}`, by the kernel and by the generated scanner. */
function readings(kind: 'decimal' | 'int' | 'bool' | 'text' | 'skipNumber' | 'skipText', scale: number, value: string): unknown[] {
  const memory = new LinearMemory();
  const isSkipped = kind === 'skipNumber' || kind === 'skipText';
  const type = kind === 'text' ? 'string' : kind === 'bool' ? 'bool' : 'decimal';
  const parts: Part[] = [{ literal: literal('{"id":'), kind: 'id', slot: -1, scale: 0 }, { literal: literal(',"v":'), kind, slot: isSkipped ? -1 : 0, scale }, ...rest];
  const template: Template = { type: 3, parts, slots: isSkipped ? [0] : [] };
  const text = literal(`{"id":"1","v":${value},"type":"t","ts":7}\n`);
  const input = memory.u8(text.length + scanSlackBytes);
  input.set(text);
  const [from, to] = [input.byteOffset, input.byteOffset + text.length];
  return [true, false].map((isKernel) => {
    const rows = new EventRows([{ name: 'v', type, scale, isMixed: false }], 1, memory);
    const lineStart = memory.i32(2);
    rows.bytes = new Uint8Array(memory.memory.buffer);
    const isTaken = isKernel ? new ScanKernel([template], { ...rows, lineStart }, memory).scan(from, to, 0, 1) === 1 : generateScan(template, rows)(from, to, 0) === to;
    if (!isTaken) return 'refused';
    expect([rows.type[0], rows.ts[0], rows.id.text(0)]).toEqual([3, 7, '1']);
    return kind === 'text' ? rows.texts[0]?.text(0) : isSkipped ? 'skipped' : rows.numbers[0]?.[0];
  });
}

describe('a value of a line', () => {
  it.each([
    ['decimal', 2, '0', 0], ['decimal', 2, '-0', 0], ['decimal', 2, '-0.00', 0], ['decimal', 2, '12.34', 1234], ['decimal', 2, '-12.3', -1230], ['decimal', 2, '12', 1200],
    ['decimal', 2, '12.3400', 1234], ['decimal', 2, '12.345', 'refused'], ['decimal', 2, '0.07', 7], ['decimal', 2, '00.07', 'refused'], ['decimal', 2, '.5', 'refused'], ['decimal', 2, '5.', 'refused'],
    ['decimal', 2, '12345678901.23', 1_234_567_890_123], ['decimal', 2, '99999999999.99', 9_999_999_999_999], ['decimal', 2, '999999999999.99', 'refused'], ['decimal', 2, '1e2', 'refused'], ['decimal', 2, '1.0E2', 'refused'],
    ['decimal', 2, 'null', 'refused'], ['decimal', 2, '"1"', 'refused'], ['decimal', 2, '', 'refused'], ['decimal', 2, '-', 'refused'], ['decimal', 2, '+1', 'refused'], ['decimal', 14, '9', 9e14], ['decimal', 14, '10', 'refused'], ['decimal', 15, '0', 'refused'],
    ['decimal', 7, '0.0000001', 1], ['decimal', 8, '0.00000001', 'refused'], ['int', 0, '999999999999999', 999_999_999_999_999], ['int', 0, '1000000000000000', 'refused'], ['int', 0, '-17', -17], ['int', 0, '17.0', 17], ['int', 0, '17.5', 'refused'], ['int', 0, '017', 'refused'],
    ['skipNumber', 0, '123456789012345678901234567890.5', 'skipped'], ['skipNumber', 0, '-1.', 'refused'], ['skipNumber', 0, '1e9', 'refused'], ['skipNumber', 0, '01', 'refused'],
    ['bool', 0, 'true', 1], ['bool', 0, 'false', 0], ['bool', 0, 'falsy', 'refused'], ['bool', 0, 'True', 'refused'], ['bool', 0, 'truE', 'refused'], ['bool', 0, 'null', 'refused'],
    ['text', 0, '""', ''], ['text', 0, '"a b~"', 'a b~'], ['text', 0, `"${'x'.repeat(16)}"`, 'x'.repeat(16)], ['text', 0, `"${'x'.repeat(99)}"`, 'x'.repeat(99)], ['text', 0, '"a\\"b"', 'refused'], ['text', 0, '"a\\\\"', 'refused'],
    ['text', 0, '"é"', 'refused'], ['text', 0, '"\u007f"', 'refused'], ['text', 0, '"\u001f"', 'refused'], ['text', 0, `"${'x'.repeat(40)}\t"`, 'refused'], ['text', 0, '1', 'refused'], ['skipText', 0, '"ok"', 'skipped'], ['skipText', 0, '"\\n"', 'refused'],
  ] as const)('%s of scale %i: %s is %s', (kind, scale, value, expected) => { expect(readings(kind, scale, value)).toEqual([expected, expected]); });
});
