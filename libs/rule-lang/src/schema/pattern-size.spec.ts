import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { patternFault } from './parse-schema.js';
import { patternSize } from './pattern-size.js';

describe('patternSize', () => {
  it.each([
    ['', 0], ['abc', 3], ['a{3}', 3], ['a{2,5}b', 6], ['a{3,}', 4], ['a{0}', 0], ['a{,3}', 5], ['(ab){3}', 6], ['(?:(a{10})b){20}', 240], ['[a-z{}()]{4}', 4], ['[]a]{2}', 2], ['[^\\]]{2}', 2], ['\\({5}', 5], ['\\pL{3}', 3], ['\\p{Greek}{3}', 3],
    ['^[A-Z]{3}$', 3], ['[[:alpha:]]{2}', 2], ['a|b|c', 3], ['a{1000}{1000}', 1_000_000], ['x*y+z?', 3],
  ])('of %s is about %i', (pattern, size) => { expect(Math.abs(patternSize(pattern) - size)).toBeLessThanOrEqual(2); });

  it('answers any text in bounded time', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'a(){}[]\\|*?,0123456789pQE:^'), maxLength: 200 }), (pattern) => { expect(patternSize(pattern)).toBeGreaterThanOrEqual(0); }), { numRuns: 500 });
    for (const piece of ['(', '[', '\\Q', '{', '\\', 'a{9', '[[:']) expect(patternSize(piece.repeat(500))).toBeGreaterThanOrEqual(0);
  });
});

describe('patternFault', () => {
  it.each(['(?:a?){1000}(?:a?){1000}(?:a?){1000}', '(.{0,1000})'.repeat(90), '(?:a*a*a*){300}'.repeat(60), `(?:${'a?'.repeat(400)}){1000}`])('refuses %s, whose repetitions would take long, without building it', (pattern) => {
    expect(patternFault(pattern)?.message).toMatch(/^the pattern (?:has more than 2,000 parts|is longer than 1,000 characters)/);
  });
  it.each(['^[A-Z]{3}$', '(?i)casino|betting', '^\\d{4}(?:-\\d{2}){2}$', '^.{0,1000}$', '^[0-9a-f]{64}$'])('takes %s', (pattern) => { expect(patternFault(pattern)).toBeUndefined(); });
});
