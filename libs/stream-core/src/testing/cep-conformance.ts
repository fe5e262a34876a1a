/** `npm run -s conformance:cep -- DIR`: runs every vector file of a folder; the last line is the count. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runVector, type Vector } from './cep-vectors.js';

interface VectorFile { readonly file: string; readonly vectors: readonly Vector[] }

/** The vectors of each JSON file of a folder, by file name. @throws when the folder cannot be read or a file is not format 1. */
export function readVectors(folder: string): readonly VectorFile[] {
  return readdirSync(folder).filter((file) => file.endsWith('.json')).sort().map((file) => {
    const content = contentOf(file, readFileSync(join(folder, file), 'utf8'));
    if (content?.format !== 1 || !Array.isArray(content.vectors)) throw new Error(`${file} is not a vector file of format 1`);
    return { file, vectors: content.vectors };
  });
}

function contentOf(file: string, text: string): { readonly format?: number; readonly vectors?: readonly Vector[] } | null {
  try {
    return JSON.parse(text) as ReturnType<typeof contentOf>; // format and list are checked by the caller, vectors as they are run
  } catch (cause) {
    throw new Error(`${file} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

const wanted = 'Name a folder of vector files (*.json, format 1), such as ../shared/conformance/flink-cep';

/** Why a folder of vectors could not be read, and what is wanted instead. */
export function refusalText(folder: string, cause: unknown): string {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return `There is no folder ${folder}. ${wanted}.`;
  if (code === 'ENOTDIR') return `${folder} is no folder. ${wanted}.`;
  return `${folder} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}. ${wanted}.`;
}

function main(folder: string | undefined): number {
  if (folder === undefined) {
    console.error(`usage: npm run -s conformance:cep -- DIR\n${wanted}.`);
    return 2;
  }
  let files: readonly VectorFile[];
  try {
    files = readVectors(folder);
  } catch (cause) {
    console.error(refusalText(folder, cause));
    return 2;
  }
  if (files.every(({ vectors }) => vectors.length === 0)) {
    console.error(`${folder} holds no vectors. ${wanted}.`);
    return 2;
  }
  const counts = { passed: 0, failed: 0, unsupported: 0 };
  for (const { vectors } of files) {
    for (const vector of vectors) {
      const result = runVector(vector);
      counts[result.outcome] += 1;
      if (result.outcome === 'failed') console.log(`${vector.id}\n  expected ${result.expected}\n  actual   ${result.actual}`);
      if (result.outcome === 'unsupported') console.log(`${vector.id}\n  unsupported: ${result.feature}`);
    }
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.unsupported} unsupported`);
  return counts.failed + counts.unsupported === 0 ? 0 : 1;
}

if (process.argv[1]?.endsWith('cep-conformance.js') === true) process.exitCode = main(process.argv[2]);
