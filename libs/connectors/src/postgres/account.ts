import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** uid and gid PostgreSQL runs under; absent: as this process. */
export interface Account { readonly uid: number; readonly gid: number }

/** nobody: PostgreSQL refuses uid 0, and an id without a passwd entry fails in initdb. */
const nobody: Account = { uid: 65_534, gid: 65_534 };

/** True when every folder from the root down to `path` may be entered by any account. Folders that do not exist yet count as enterable. */
export function isTraversableByOthers(path: string): boolean {
  for (let at = resolve(path); ; at = dirname(at)) {
    const found = statSync(at, { throwIfNoEntry: false });
    if (found !== undefined && (found.mode & 0o001) === 0) return false;
    if (dirname(at) === at) return true;
  }
}

/**
 * Decides who runs PostgreSQL and in which folder.
 *
 * Only root changes anything: the owner of an existing cluster, else `nobody`; and where that account can not enter
 * `dataDir` (a checkout under /root), the database lies in /var/lib/weir/<hash of dataDir>.
 */
export function chooseAccount(dataDir: string, isRoot = process.getuid?.() === 0): { readonly home: string; readonly account?: Account } {
  const asked = resolve(dataDir);
  if (!isRoot) return { home: asked };
  const home = isTraversableByOthers(dirname(asked)) ? asked : join('/var/lib/weir', createHash('sha256').update(asked).digest('hex').slice(0, 12));
  const owner = statSync(join(home, 'cluster'), { throwIfNoEntry: false });
  return { home, account: owner === undefined || owner.uid === 0 ? nobody : { uid: owner.uid, gid: owner.gid } };
}
