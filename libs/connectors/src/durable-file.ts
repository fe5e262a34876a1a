import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from './connector-error.js';

/** Makes creations, renames and deletions inside `dir` durable. A no-op where the platform cannot sync a folder (Windows). */
export async function syncDirectory(dir: string): Promise<void> {
  let handle;
  try {
    handle = await open(dir, 'r');
    await handle.sync();
  } catch (error) {
    const code = systemErrorCode(error);
    if (process.platform !== 'win32' || (code !== 'EPERM' && code !== 'EISDIR' && code !== 'EACCES')) throw error;
  } finally {
    await handle?.close();
  }
}

/**
 * Writes `dir/name` whole or not at all: temporary file, fsync, rename, fsync of the folder.
 * A crash leaves the old content, or the new one; a left-over `*.tmp` is never read.
 */
export async function writeDurably(dir: string, name: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = join(dir, `${name}.tmp`);
  const handle = await open(temporary, 'w', 0o600);
  try {
    for (const part of parts) await handle.writeFile(part);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, join(dir, name));
  await syncDirectory(dir);
}
