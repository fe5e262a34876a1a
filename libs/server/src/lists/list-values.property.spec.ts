import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeValue, maxValueUnits } from './list-values.js';

describe('a value for a list', () => {
  it('is taken exactly when it is 1 to 200 printable units without its outer white space, and then judging it again changes nothing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 210 }), (pasted) => {
      const { value, fault } = judgeValue(pasted);
      const trimmed = pasted.trim();
      const isGood = trimmed.length >= 1 && trimmed.length <= maxValueUnits && !/[\p{Cc}\p{Surrogate}]/u.test(trimmed);
      expect(fault === undefined).toBe(isGood);
      if (isGood) expect([value, judgeValue(value)]).toEqual([trimmed, { value }]);
    }));
  });
});
