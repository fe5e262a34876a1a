import { describe, expect, it } from '@jest/globals';
import { diagnosticLines } from '../testing/expect-diagnostics.js';

const when = (condition: string, ...more: string[]): string => ['rule: r', 'on: payment', 'by: account_id', ...more, `when: ${JSON.stringify(condition)}`].join('\n');
const codes = (text: string): readonly string[] => diagnosticLines(text).map((line) => line.replace(/^warning /, '').split(' ')[1] ?? '');
const windows = (count: number): string => Array.from({ length: count }, (_, i) => `last("${i + 1}m").count() > 1`).join(' || ');
const steps = (count: number, times: string): string => ['rule: r', 'on: payment', 'by: account_id', 'sequence:', '  within: 1h', '  steps:', ...Array.from({ length: count }, (_, i) => `    - ${i === 0 ? 'begin' : 'next'}: s${i}${i === 0 ? `\n      times: ${times}` : ''}`)].join('\n');
/** A rule file of so many bytes, filled up by a comment. */
const sized = (bytes: number, filling: string): string => {
  const rule = `${when('declined')}\n#`;
  const count = Math.floor((bytes - rule.length) / new TextEncoder().encode(filling).length);
  return (rule + filling.repeat(count)).padEnd(bytes - count * (new TextEncoder().encode(filling).length - filling.length), ' ');
};

describe('the limits of a rule', () => {
  it.each([
    { name: '64 KB of text', within: sized(65_536, 'x'), past: sized(65_537, 'x'), code: 'file-too-large' },
    { name: '64 KB of text, counted in bytes', within: sized(65_536, '😀'), past: sized(65_537, '😀'), code: 'file-too-large' },
    { name: '256 nodes deep', within: when(`${'!'.repeat(255)}declined`), past: when(`${'!'.repeat(256)}declined`), code: 'too-deep' },
    { name: '256 nodes deep, by parentheses that leave no node', within: when(`${'('.repeat(255)}declined${')'.repeat(255)}`), past: when(`${'('.repeat(256)}declined${')'.repeat(256)}`), code: 'too-deep' },
    { name: '64 windows', within: when(windows(64)), past: when(windows(65)), code: 'too-many-windows' },
    { name: '64 windows, the same one counted once', within: when(`${windows(64)} || last("60s").count() > 2`), past: when(`${windows(64)} || last("59s").count() > 2`), code: 'too-many-windows' },
    { name: '64 windows over conditions and lets', within: when(windows(63), 'let:', '  a: last("99m").count()'), past: when(windows(64), 'let:', '  a: last("99m").count()'), code: 'too-many-windows' },
    { name: 'times up to 100', within: steps(2, '100'), past: steps(2, '101'), code: 'bad-times' },
    { name: 'times from and to 100', within: steps(2, '1..100'), past: steps(2, '1..101'), code: 'bad-times' },
    { name: 'open times from 100', within: steps(2, '100..'), past: steps(2, '101..'), code: 'bad-times' },
    { name: '32 steps', within: steps(32, '1'), past: steps(33, '1'), code: 'bad-value' },
    { name: '60 digits', within: when(`amount > ${'9'.repeat(60)}`), past: when(`amount > ${'9'.repeat(61)}`), code: 'number-too-long' },
    { name: 'a window as long as the retention', within: when('last("35d").count() > 1'), past: when('last("35d1ms").count() > 1'), code: 'window-too-long' },
    { name: '10,000 events back', within: when('lastEvents(10000).count() > 1'), past: when('lastEvents(10001).count() > 1'), code: 'wrong-arguments' },
    { name: 'a pattern of 2,000 parts', within: when('country.matches("(?:ab){1000}")'.replace('(?:ab)', '(..)')), past: when('country.matches("(...){1000}")'), code: 'bad-pattern' },
  ])('$name and no more', ({ within, past, code }) => {
    expect(codes(within)).toEqual([]);
    expect([...new Set(codes(past))]).toEqual([code]);
  });
});
