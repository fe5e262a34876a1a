import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConnectorError, systemErrorCode } from '../connector-error.js';

const lockName = 'writer.lock';
/** Folders this process writes to: a pid alone cannot tell two writers of one process apart. */
const heldHere = new Set<string>();

interface Holder { readonly pid: number; readonly startedAt: string }

/** The lock of a log's one writer. */
export interface WriterLock {
  /** Pid of a writer that died without giving the lock back; undefined when the folder was left in order. */
  readonly takenOverFrom: number | undefined;
  release(): Promise<void>;
}

/**
 * One writer per folder, by the file `writer.lock` with pid and process start (a pid alone comes back, in containers at once).
 * A lock whose process is gone is taken over. Throws LOG_LOCKED with the pid while the process lives.
 * The lock appears whole (`link` of a written file), so a reader never sees half of one.
 */
export async function lockForWriting(dir: string): Promise<WriterLock> {
  const path = join(resolve(dir), lockName);
  if (heldHere.has(path)) throw locked(dir, process.pid);
  heldHere.add(path);
  try {
    const own = JSON.stringify({ pid: process.pid, startedAt: await processStart(process.pid) });
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, own, { mode: 0o600 });
    let takenOverFrom: number | undefined;
    try {
      while (!(await tryLink(draft, path))) takenOverFrom = await clearStale(dir, path) ?? takenOverFrom;
    } finally {
      await unlink(draft);
    }
    return {
      takenOverFrom,
      release: async () => {
        heldHere.delete(path);
        await unlink(path).catch((error: unknown) => { if (systemErrorCode(error) !== 'ENOENT') throw error; });
      },
    };
  } catch (error) {
    heldHere.delete(path);
    throw error;
  }
}

async function tryLink(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a dead process and returns its pid. By rename first: of two who find it stale, one moves it. */
async function clearStale(dir: string, path: string): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const holder = parseHolder(text);
  if (holder !== undefined && await isAlive(holder)) throw locked(dir, holder.pid);
  const aside = `${path}.stale-${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const moved = await readFile(aside, 'utf8');
  if (moved !== text) {
    // Somebody took over between the look and the move: give the lock back and look again.
    await tryLink(aside, path);
    await unlink(aside);
    return undefined;
  }
  await unlink(aside);
  return holder?.pid ?? 0;
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number') return undefined;
    return { pid: value.pid, startedAt: 'startedAt' in value && typeof value.startedAt === 'string' ? value.startedAt : '' };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return false;
    if (systemErrorCode(error) !== 'EPERM') throw error;
  }
  const startedAt = await processStart(holder.pid);
  if (startedAt === '' && holder.pid === process.pid) return false; // not held here, so an earlier process of this pid
  return startedAt === holder.startedAt;
}

/** Boot id and start tick of a process on Linux, where a pid may come back; empty elsewhere and for a process that is gone. */
async function processStart(pid: number): Promise<string> {
  try {
    const [boot, line] = await Promise.all([readFile('/proc/sys/kernel/random/boot_id', 'utf8'), readFile(`/proc/${pid}/stat`, 'utf8')]);
    // The name in field 2 may hold blanks and brackets; field 22 is the start time.
    const afterName = line.slice(line.lastIndexOf(')') + 2).split(' ');
    if (afterName[0] === 'Z') return 'zombie';
    return `${boot.trim()}/${afterName[19] ?? ''}`;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return '';
  }
}

function locked(dir: string, pid: number): ConnectorError {
  return new ConnectorError('LOG_LOCKED', `${dir} is being written by process ${pid}; only one process may write a log`, { retryable: true });
}
