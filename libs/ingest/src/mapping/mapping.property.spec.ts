import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mappingText } from '../testing/mapping-text.js';
import { parseMapping } from './mapping.js';

const whole = mappingText('format: "dd/MM/yyyy HH:mm:ss", zone: Europe/London');
const pieces = ['', '\n', '"', "'", ':', '- ', '  ', '{', '[', '}', ']', '#', '|', '>', '&a ', '*a', '!x ', '\t', '\r\n', '\u0000', '\ud800', '\ufeff', '%YAML 1.1\n', '---\n', '...\n', '? ', '__proto__', 'constructor', '<<: *a', '\u2028', '1e99', 'null', '~'] as const;

/** A mapping or findings, never both and never neither; each finding stands in the text. */
function answers(text: string): void {
  const { mapping, diagnostics } = parseMapping(text, 'm.yaml');
  expect(mapping === undefined).toBe(diagnostics.length > 0);
  const lines = text.split('\n').length;
  for (const { line, column, endLine, endColumn } of diagnostics) {
    expect(line >= 1 && line <= lines && column >= 1).toBe(true);
    expect(endLine > line || (endLine === line && endColumn >= column)).toBe(true);
  }
}

describe('parseMapping', () => {
  it('answers any text', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }), fc.array(fc.constantFrom(...pieces, 'type', 'id', 'ts', 'fields', ' '), { maxLength: 40 }).map((parts) => parts.join(''))), answers), { numRuns: 600 });
  });

  it('answers any bytes that are read as text', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => answers(new TextDecoder().decode(bytes))), { numRuns: 300 });
  });

  it('answers a mapping with a piece cut out, doubled or replaced', () => {
    fc.assert(fc.property(fc.nat(whole.length), fc.nat(40), fc.constantFrom(...pieces), (start, length, piece) => {
      answers(whole.slice(0, start) + piece + whole.slice(start + length));
      answers(whole.slice(0, start) + whole.slice(start, start + length).repeat(2) + whole.slice(start + length));
    }), { numRuns: 600 });
  });

  it.each(['[', '{', '- ', '? ', 'a: ', 'a:\n', '- - ', '{a: ', '[a, ', '&a ', '"', "'", '|\n', '!', '---\n', '\n', ' ', '\t', ': ', '*a ', '%'])('answers 64 KB of %j', (piece) => {
    const prefix = 'type: payment\nid: id\nts: ';
    expect(parseMapping(prefix + piece.repeat(Math.floor((65_536 - prefix.length) / piece.length))).mapping).toBeUndefined();
    expect(parseMapping(piece.repeat(Math.floor(8_192 / piece.length))).mapping).toBeUndefined();
  });

  it('says where a text nests too deep, and refuses one that is too large', () => {
    expect(parseMapping(`type: t\nid: ${'['.repeat(9)}${']'.repeat(9)}\n`).diagnostics).toMatchObject([{ code: 'mapping-too-deep', line: 2, column: 13, message: 'nested deeper than 8 levels' }]);
    expect(parseMapping(`type: t\nid: ${'['.repeat(7)}${']'.repeat(7)}\n`).diagnostics.map(({ code }) => code)).not.toContain('mapping-too-deep');
    expect(parseMapping('#'.repeat(65_537)).diagnostics).toMatchObject([{ code: 'mapping-too-large', line: 1, column: 1 }]);
  });
});
