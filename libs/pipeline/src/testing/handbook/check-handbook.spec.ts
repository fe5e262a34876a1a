import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { checkHandbook } from './check-handbook.js';
import { handbookData, handbookRules, handbookSlice } from './handbook-conformance.js';
import { knownAnswers } from './known-answers.js';
import { readHandbook } from './read-handbook.js';

const hasData = existsSync(handbookData);
if (!hasData) process.stderr.write('skipped: the handbook data is not there (WEIR_REFERENCE_DIR says where it lies)\n');

/** A slice of the file; `npm run -s conformance:handbook -- --interpreter` runs the same checks over the whole of it. */
(hasData ? describe : describe.skip)('a slice of the card payments', () => {
  it.each(knownAnswers)('gives the same alerts by interpreter, closures and generated code, cut anywhere, in any order inside the bound ($mapping)', async (known) => {
    const run = await readHandbook(handbookData, handbookRules, known, handbookSlice);
    const report = await checkHandbook(run, known, { isWhole: false, withInterpreter: true, seed: 20180401, cuts: 10 });
    expect(report.failures).toEqual([]);
    expect(report.passed).toBeGreaterThanOrEqual(known.rules.length * 8);
    // A rule that never fires proves nothing; none of the twenty ends of h6b lies in the slice.
    expect(report.rows.filter(({ name, byVariant }) => byVariant.get('generated') === 0 && name !== 'h6b')).toEqual([]);
  });
});
