import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { writeResults } from './results-text.js';

describe('results in the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  afterAll(() => { rmSync(folder, { recursive: true }); });

  it('stand between the marks, in place of those before', () => {
    const file = join(folder, 'README.md');
    const marks = ['<!-- results: written by `npm run bench -- --readme` -->', '<!-- end of results -->'] as const;
    writeFileSync(file, `before\n${marks[0]}\nold\n${marks[1]}\nafter\n`);
    writeResults(pathToFileURL(file), 'new');
    expect(readFileSync(file, 'utf8')).toBe(`before\n${marks[0]}\nnew\n${marks[1]}\nafter\n`);
  });

  it('are refused where there is no place for them', () => {
    const file = join(folder, 'other.md');
    writeFileSync(file, 'no marks');
    expect(() => { writeResults(pathToFileURL(file), 'new'); }).toThrow('no place for results');
  });
});
