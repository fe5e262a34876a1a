import { expect, it } from '@jest/globals';
import { amountText } from './reading';

it('writes an event\'s amount as its currency does', () => {
  expect(amountText({ amount: '1', currency: 'EUR' })).toBe('1.00');
  expect(amountText({ amount: '1', currency: 'JPY' })).toBe('1');
  expect(amountText({ amount: '4.5' })).toBe('4.50');
  expect(amountText({})).toBeUndefined();
});
