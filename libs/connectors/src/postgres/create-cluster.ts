import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from './account.js';
import type { PostgresBinaries } from './binaries.js';
import { explainOutput, noSpace } from './postgres-error.js';
import { serverEnvironment } from './server-process.js';

/** Free bytes a new cluster wants: 40 MB of files, the first write-ahead log segments, room to work. */
const neededBytes = 150 * 1024 * 1024;

function requireSpace(home: string): void {
  const { bavail, bsize } = statfsSync(home);
  if (bavail * bsize < neededBytes) throw noSpace(home);
}

/**
 * Creates the cluster beside its place and moves it there whole: an interrupted first start leaves nothing half done.
 * @throws PostgresError NO_SPACE, NO_PERMISSION, START_FAILED.
 */
export async function createCluster(binaries: PostgresBinaries, home: string, account: Account | undefined): Promise<void> {
  requireSpace(home);
  const unfinished = join(home, 'cluster.new');
  const passwordFile = join(home, 'password');
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  chmodSync(passwordFile, 0o600);
  if (account !== undefined) chownSync(passwordFile, account.uid, account.gid);
  const sync = process.platform === 'linux' ? ['--sync-method=syncfs'] : [];
  const args = ['-D', unfinished, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C', ...sync];
  const child = spawn(binaries.initdb, args, { cwd: home, stdio: ['ignore', 'ignore', 'pipe'], env: serverEnvironment(), ...account });
  const output: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    throw explainOutput(output.join(''), home);
  }
  renameSync(unfinished, join(home, 'cluster'));
}
