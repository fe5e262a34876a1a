import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Name of the event log in `logDir`, made with the log. Alert progress and checkpoints are kept under it, so a log that was
 * deleted and begun anew is not taken for the one before it, whose entries bore the same numbers.
 */
export async function logIdentity(logDir: string): Promise<string> {
  await mkdir(logDir, { recursive: true, mode: 0o700 });
  const file = join(logDir, 'identity');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (/^[0-9a-f]{12}$/.test(known)) return known;
  const identity = randomBytes(6).toString('hex');
  await writeFile(file, identity, { flush: true });
  return identity;
}
