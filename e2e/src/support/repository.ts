import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Top of the repository. */
export const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Third-party reference data that is read where it lies and never copied here. */
const referenceDir = resolve(repository, process.env['WEIR_REFERENCE_DIR'] ?? '../shared');

/** A file of the reference data, or undefined with the reason printed: the runner repeats lines that begin with `skipped:`. */
export function referenceFile(path: string): string | undefined {
  const file = join(referenceDir, path);
  if (existsSync(file)) return file;
  process.stderr.write(`skipped: ${path} is not in ${referenceDir} (WEIR_REFERENCE_DIR says where it lies)\n`);
  return undefined;
}
