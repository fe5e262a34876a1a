import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runVector } from '../testing/cep-vectors.js';
import { readVectors } from '../testing/cep-conformance.js';

const folder = join(process.env['WEIR_REFERENCE_DIR'] ?? '../shared', 'conformance', 'flink-cep');

if (existsSync(folder)) {
  describe.each(readVectors(folder))('$file', ({ vectors }) => {
    it.each(vectors)('agrees with Flink on $id', (vector) => {
      expect(runVector(vector)).toEqual({ outcome: 'passed' });
    });
  });
} else {
  it('needs the reference vectors', () => {
    console.log(`SKIPPED: Flink CEP vectors: ${folder} is not there (set WEIR_REFERENCE_DIR)`);
    expect(existsSync(folder)).toBe(false);
  });
}
