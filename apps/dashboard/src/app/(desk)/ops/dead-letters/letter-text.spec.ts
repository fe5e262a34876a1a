import { expect, it } from '@jest/globals';
import { letterText, markOf, readableLetter } from './letter-text';

it('decodes UTF-8 and survives bytes that are none', () => {
  expect(letterText('w6k=')).toBe('é');
  expect(letterText('/w==')).toBe('\uFFFD');
});
it('spreads JSON over lines and leaves other text alone', () => {
  expect(readableLetter('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(readableLetter('{"a":')).toBe('{"a":');
});
it('marks the line of the field that was refused', () => {
  const shown = readableLetter('{"id":"x","amount":"12,50"}');
  const mark = markOf(shown, 'amount');
  expect(mark && shown.slice(...mark)).toBe('"amount": "12,50"');
  expect(markOf(shown, 'account_id')).toBeUndefined();
  expect(markOf(shown, undefined)).toBeUndefined();
});
