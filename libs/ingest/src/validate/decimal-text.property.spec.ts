import { describe, expect, it } from '@jest/globals';
import { canonicalDecimal } from '@weir/rule-lang';
import fc from 'fast-check';
import { readDecimal } from './decimal-text.js';

const arbDecimalText = fc.tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 0, max: 18 }), fc.option(fc.integer({ min: -25, max: 25 }))).map(([negative, digits, point, exponent]) => {
  const text = digits.toString().padStart(point + 1, '0');
  const written = point === 0 ? text : `${text.slice(0, -point)}.${text.slice(-point)}`;
  return `${negative ? '-' : ''}${written}${exponent === null ? '' : `e${exponent}`}`;
});

describe('readDecimal', () => {
  it('agrees with the rule language on every text and scale', () => {
    fc.assert(fc.property(arbDecimalText, fc.integer({ min: 0, max: 15 }), (text, scale) => {
      const result = readDecimal(text, scale);
      expect(result.ok ? result.text : undefined).toBe(canonicalDecimal(text, scale));
    }), { numRuns: 5_000 });
  });

  it('reads its own answer as itself', () => {
    fc.assert(fc.property(arbDecimalText, fc.integer({ min: 0, max: 15 }), (text, scale) => {
      const result = readDecimal(text, scale);
      if (result.ok) expect(readDecimal(result.text, scale)).toEqual(result);
    }));
  });
});
