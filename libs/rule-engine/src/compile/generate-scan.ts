import type { EventRows } from './event-rows.js';
import type { Part, Template } from './line-scanner.js';

/** Reads one line as a template describes it; -1 when it is not so, else where the next line begins. */
export type Scan = (from: number, to: number, row: number) => number;

/**
 * A template as generated JavaScript: literals are compared byte by byte in straight code, numbers never leave the
 * function. Bytes, slots and scales, all numbers, make the text.
 */
export function generateScan(template: Template, rows: EventRows): Scan {
  const body = template.parts.map((part) => `${literalTest(part.literal)} ${valueOf(part)}`).join('\n');
  const clear = template.slots.map((slot) => `rows.clear(${slot}, row);`).join(' ');
  const source = `'use strict'; const n = rows.numbers, s = rows.texts, ts = rows.ts;
return function (at, to, row) { const b = rows.bytes; let c = 0, d = 0, f = 0, k = 0, m = false, p = 0, v = 0;
${body}
if (at >= to || b[at] !== 125) return -1;
at++;
if (at < to && b[at] !== 10) return -1;
rows.type[row] = ${template.type}; ${clear}
return at + 1; };`;
  // as: `source` above returns such a function
  return (new Function('rows', source) as (rows: EventRows) => Scan)(rows);
}

function literalTest(literal: Uint8Array): string {
  const differs = Array.from(literal, (byte, i) => `b[at + ${i}] !== ${byte}`).join(' || ');
  return `if (at + ${literal.length} > to || ${differs}) return -1; at += ${literal.length};`;
}

function valueOf(part: Part): string {
  switch (part.kind) {
    case 'type': return '';
    case 'id': return `${text} rows.id.setBytes(row, p, at - p); at++;`;
    case 'text': return `${text} s[${part.slot}].setBytes(row, p, at - p); at++;`;
    case 'skipText': return `${text} at++;`;
    case 'bool': return `${bool} n[${part.slot}][row] = v;`;
    case 'skipBool': return bool;
    case 'ts': return `${number(0)} ts[row] = v;`;
    case 'int': return `${number(0)} n[${part.slot}][row] = v;`;
    case 'decimal': return `${number(part.scale)} n[${part.slot}][row] = v;`;
    case 'skipNumber': return digits;
  }
}

/** A string without escapes, ASCII only; leaves its start in `p` and `at` on the closing quote. */
const text = 'if (b[at] !== 34) return -1; p = ++at; c = b[at]; while (c !== 34) { if (!(c >= 32 && c <= 126) || c === 92) return -1; c = b[++at]; } if (at >= to) return -1;';

const bool = `if (b[at] === 116 && b[at + 1] === 114 && b[at + 2] === 117 && b[at + 3] === 101) { v = 1; at += 4; }
else if (b[at] === 102 && b[at + 1] === 97 && b[at + 2] === 108 && b[at + 3] === 115 && b[at + 4] === 101) { v = 0; at += 5; } else return -1;`;

/** Sign to `m`, digits to `v`, how many of them to `k`, those after the point to `f`. */
const digits = `m = b[at] === 45; if (m) at++; d = at; v = 0; c = b[at]; while (c >= 48 && c <= 57) { v = v * 10 + (c - 48); c = b[++at]; }
k = at - d; f = 0; if (k === 0 || (k > 1 && b[d] === 48)) return -1;
if (c === 46) { p = at; c = b[++at]; while (c >= 48 && c <= 57) { v = v * 10 + (c - 48); c = b[++at]; } f = at - p - 1; if (f === 0) return -1; k += f; }
if (c === 101 || c === 69 || at > to) return -1;`;

function number(scale: number): string {
  return `${digits} if (k + ${scale} > 15) return -1; while (f > ${scale} && v % 10 === 0) { v /= 10; f--; } if (f > ${scale}) return -1; for (; f < ${scale}; f++) v *= 10; if (m) v = 0 - v;`;
}
