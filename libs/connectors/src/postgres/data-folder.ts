import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseAccount } from './account.js';
import type { Account } from './account.js';
import { PostgresError, explainFileError } from './postgres-error.js';
import { isAlive, processIdentity } from './process-identity.js';

/** Of the server and of the clusters that it can open. */
export const majorVersion = '18';

const openFolders = new Set<string>();

/** Refuses when another living process has this database open; otherwise writes down that this one has. */
function takeOwnership(home: string): void {
  const file = join(home, 'owner.json');
  if (openFolders.has(home)) throw new PostgresError('IN_USE', `The database in ${home} is already open in this process.`);
  if (existsSync(file)) {
    const owner: unknown = readOwner(file);
    if (typeof owner === 'object' && owner !== null && 'pid' in owner && typeof owner.pid === 'number' && owner.pid !== process.pid && isAlive(owner.pid)) {
      const identity = processIdentity(owner.pid);
      const recorded = 'identity' in owner ? owner.identity : undefined;
      if (identity === undefined || identity === recorded) {
        throw new PostgresError('IN_USE', `The data folder ${home} is in use by process ${owner.pid}. Stop it first, or choose another data folder.`);
      }
    }
  }
  writeFileSync(file, JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) }));
  openFolders.add(home);
}

function readOwner(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // torn by a kill in the middle of its write: the process is gone
  }
}

/** The folder is free for the next process. Twice is once. */
export function releaseOwnership(home: string): void {
  rmSync(join(home, 'owner.json'), { force: true });
  openFolders.delete(home);
}

/** The generated password of the cluster. @throws PostgresError PASSWORD_LOST. */
export function readPassword(home: string): string {
  try {
    return readFileSync(join(home, 'password'), 'utf8').trim();
  } catch (cause) {
    throw new PostgresError('PASSWORD_LOST', `The password file ${join(home, 'password')} is missing or unreadable; restore it, or move ${home} away to begin with an empty database.`, { cause });
  }
}

function prepareFolder(home: string, account: Account | undefined): void {
  mkdirSync(home, { recursive: true, mode: 0o755 });
  if (account !== undefined) chownSync(home, account.uid, account.gid);
  const probe = join(home, `.probe-${process.pid}`);
  writeFileSync(probe, '');
  unlinkSync(probe);
}

function checkCluster(home: string): void {
  const cluster = join(home, 'cluster');
  const owner = statSync(cluster, { throwIfNoEntry: false })?.uid;
  const self = process.getuid?.();
  if (owner !== undefined && self !== undefined && self !== 0 && owner !== self) {
    throw new PostgresError('OTHER_OWNER', `The database in ${home} belongs to another account (uid ${owner}); start as that account (or as root), or choose another data folder.`);
  }
  const version = existsSync(join(cluster, 'PG_VERSION')) ? readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim() : undefined;
  if (version !== undefined && version !== majorVersion) {
    throw new PostgresError('OTHER_VERSION', `The database in ${home} was made by PostgreSQL ${version} and this is ${majorVersion}; dump it with the old version, or choose another data folder.`);
  }
}

/**
 * Chooses folder and account, checks that the cluster there can be opened, and takes the folder for this process until
 * {@link releaseOwnership}.
 * @throws PostgresError IN_USE, OTHER_OWNER, OTHER_VERSION, NO_SPACE, NO_PERMISSION.
 */
export function openFolder(dataDir: string): { readonly home: string; readonly account?: Account } {
  try {
    const chosen = chooseAccount(dataDir);
    prepareFolder(chosen.home, chosen.account);
    checkCluster(chosen.home);
    takeOwnership(chosen.home);
    return chosen;
  } catch (error) {
    throw explainFileError(error, dataDir);
  }
}
