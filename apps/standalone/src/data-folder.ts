import { constants } from 'node:fs';
import { access, mkdir, stat, statfs, writeFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const neededBytes = 300 * 1024 ** 2;

/** The folder can be written, or one sentence why not. */
type FolderResult = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Makes the data folder and tries to write in it, so that the reason is one sentence now and not a stack later. */
export async function prepareDataFolder(dir: string): Promise<FolderResult> {
  try {
    // Passable but not listable: as root, PostgreSQL runs under another account inside it. What others must not read is 0700 below.
    await makeFolder(dir);
    await access(dir, constants.W_OK);
    const probe = join(dir, `.probe-${process.pid}`);
    await writeFile(probe, 'x');
    await rm(probe);
  } catch (cause) {
    return { ok: false, message: await refusal(dir, cause) };
  }
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  if (free >= neededBytes) return { ok: true };
  return { ok: false, message: `There is no space for data in ${dir}: ${megabytes(free)} free, ${megabytes(neededBytes)} needed. Free some, or choose another folder: npm start -- --data FOLDER` };
}

/** Step by step: `recursive` of Node never returns where a folder cannot be made at all, as below /proc. */
async function makeFolder(dir: string): Promise<void> {
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory()) return;
  if (!found && dirname(dir) !== dir) await makeFolder(dirname(dir));
  await mkdir(dir, { mode: 0o711 });
}

async function refusal(dir: string, cause: unknown): Promise<string> {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  const elsewhere = 'choose another folder: npm start -- --data FOLDER';
  switch (code) {
    case 'EACCES': case 'EPERM': {
      const whose = process.getuid?.() !== 0 && await isOfRoot(dir) ? ' It belongs to root.' : '';
      return `The data folder ${dir} cannot be written.${whose} Change its owner, or ${elsewhere}`;
    }
    case 'ENOENT': return `The data folder ${dir} cannot be made there; ${elsewhere}`;
    case 'EROFS': return `The data folder ${dir} is on a read-only file system; ${elsewhere}`;
    case 'ENOSPC': case 'EDQUOT': return `There is no space left for the data folder ${dir}. Free some, or ${elsewhere}`;
    case 'ENOTDIR': case 'EEXIST': return `The data folder ${dir} is a file, or lies below one; ${elsewhere}`;
    default: return `The data folder ${dir} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

/** Of the folder, or of the nearest one above that exists. */
async function isOfRoot(dir: string): Promise<boolean> {
  const found = await stat(dir).catch(() => undefined);
  if (found) return found.uid === 0;
  return dirname(dir) !== dir && isOfRoot(dirname(dir));
}

function megabytes(bytes: number): string { return `${Math.floor(bytes / 1024 ** 2)} MB`; }
