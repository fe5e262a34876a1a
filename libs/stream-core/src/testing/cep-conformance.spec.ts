import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readVectors, refusalText } from './cep-conformance.js';

const wanted = 'Name a folder of vector files (*.json, format 1), such as ../shared/conformance/flink-cep.';

function saidOf(folder: string): string {
  try {
    readVectors(folder);
  } catch (cause) {
    return refusalText(folder, cause);
  }
  return 'read';
}

describe('a folder of vectors that cannot be read', () => {
  it.each([
    { name: 'is not there', path: 'nowhere', says: (path: string) => `There is no folder ${path}. ${wanted}` },
    { name: 'is a file', path: 'a.json', says: (path: string) => `${path} is no folder. ${wanted}` },
    { name: 'holds a file that is no JSON', path: '.', says: (path: string) => expect.stringMatching(new RegExp(`^${path} cannot be read: a\\.json is not JSON: .*\\. Name a folder`)) },
  ])('is told with what is wanted instead: it $name', ({ path, says }) => {
    const dir = mkdtempSync(join(tmpdir(), 'weir-vectors-'));
    try {
      writeFileSync(join(dir, 'a.json'), '{');
      const folder = path === '.' ? dir : join(dir, path);
      expect(saidOf(folder)).toEqual(says(folder));
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
