import { describe, expect, it } from '@jest/globals';
import type { Diagnostic } from '@weir/contracts';
import { findingText, offsetOf, placeFindings } from './rule-diagnostics';

const text = 'rule: a\nwhen: prbes > 1\n';
const at = (line: number, column: number, endLine: number, endColumn: number): Diagnostic => ({ code: 'unknown-name', severity: 'error', message: 'unknown name "prbes"', file: 'a.yaml', line, column, endLine, endColumn });

describe('places', () => {
  it.each([[1, 1, 0], [1, 8, 7], [1, 99, 7], [2, 7, 14], [3, 1, 24], [9, 1, 24], [2, 0, 8]])('line %d column %d is offset %d', (line, column, offset) => { expect(offsetOf(text, line, column)).toBe(offset); });
  it('cuts out the marked text', () => {
    const [placed] = placeFindings(text, [at(2, 7, 2, 12)]);
    expect(text.slice(placed?.from, placed?.to)).toBe('prbes');
  });
  it('widens an empty place, also at the very end', () => {
    expect(placeFindings(text, [at(1, 1, 1, 1)]).map((p) => [p.from, p.to])).toEqual([[0, 1]]);
    expect(placeFindings(text, [at(3, 1, 3, 1)]).map((p) => [p.from, p.to])).toEqual([[23, 24]]);
    expect(placeFindings('', [at(1, 1, 1, 1)]).map((p) => [p.from, p.to])).toEqual([[0, 0]]);
  });
});

it('adds the hint to the message', () => {
  expect(findingText({ ...at(1, 1, 1, 2), hint: 'Did you mean "probes"?' })).toBe('unknown name "prbes". Did you mean "probes"?');
});
