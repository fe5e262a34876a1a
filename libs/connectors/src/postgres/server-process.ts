import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Account } from './account.js';
import type { PostgresBinaries } from './binaries.js';
import { queryOnce, urlFor } from './database.js';
import { PostgresError, explainFileError, explainOutput } from './postgres-error.js';
import { readPostmasterFile } from './postmaster-file.js';
import { commandLine, isAlive } from './process-identity.js';

const startTimeoutMs = 120_000; // recovery after a crash may replay a lot of log
const stopTimeoutMs = 20_000;

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}

async function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

const lastLines = (path: string, count: number): string => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').slice(-count).join('\n') : '');

/** Only what the server needs: no PG* variable of the user's shell, no secrets. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const keep = ['PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP'];
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => keep.includes(name))), LC_ALL: 'C', TZ: 'UTC' };
}

async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  for (let waited = 0; waited < timeoutMs; waited += 20) {
    if (!isAlive(pid)) return true;
    await wait(20);
  }
  return !isAlive(pid);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone already: the caller waits for that anyway
  }
}

/** Ends the server: fast shutdown first, after 20 s at once. Resolves when it is gone, or after as long again. */
export async function stopServer(pid: number, binaries: PostgresBinaries, cluster: string, log: (line: string) => void): Promise<void> {
  if (process.platform === 'win32') {
    const child = spawn(binaries.pgCtl, ['stop', '-D', cluster, '-m', 'fast', '-w'], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
    return;
  }
  signal(pid, 'SIGINT'); // fast shutdown
  if (await waitUntilGone(pid, stopTimeoutMs)) return;
  log('PostgreSQL did not end in time; it is ended at once and recovers at the next start');
  signal(pid, 'SIGQUIT'); // immediate shutdown: as after a crash, nothing committed is lost
  await waitUntilGone(pid, stopTimeoutMs);
}

/** A server of an earlier process that was killed: answered by its port, it is used further; otherwise it is stopped. */
export async function takeOver(cluster: string, password: string, binaries: PostgresBinaries, log: (line: string) => void): Promise<{ pid: number; port: number } | undefined> {
  const left = readPostmasterFile(cluster);
  if (left === undefined || !isAlive(left.pid) || left.pid === process.pid) return undefined;
  const command = commandLine(left.pid);
  if (command !== undefined && !command.includes('postgres')) return undefined; // the id went to another program: postgres itself sees that too
  try {
    const rows = await queryOnce(urlFor(left.port, password, 'postgres'), 'show data_directory');
    if (rows[0]?.['data_directory'] === cluster) {
      log(`PostgreSQL was left running by an earlier start (process ${left.pid}); using it`);
      return left;
    }
  } catch {
    // does not answer, or is starting or ending: it is stopped below
  }
  if (command !== undefined && !command.includes(cluster)) return undefined;
  log(`PostgreSQL was left behind by an earlier start (process ${left.pid}) and does not answer; stopping it`);
  await stopServer(left.pid, binaries, cluster, log);
  return undefined;
}

/** A running server, listening on loopback. */
interface Server { readonly pid: number; readonly port: number; hasEnded(): boolean }

/**
 * Launches the server over the cluster in `home` and waits, 120 s at most, until it takes queries.
 * @param askedPort a free one when absent. @param onExit told of its end, asked for or not.
 * @throws PostgresError PORT_TAKEN, PASSWORD_LOST, NO_SPACE, NO_PERMISSION, START_FAILED.
 */
export async function launch(binaries: PostgresBinaries, home: string, password: string, askedPort: number | undefined, account: Account | undefined, onExit: (code: number | null) => void): Promise<Server> {
  const cluster = join(home, 'cluster');
  const logFile = join(home, 'postgres.log');
  const port = askedPort ?? (await freePort());
  if (askedPort !== undefined && !(await isPortFree(askedPort))) throw new PostgresError('PORT_TAKEN', `Port ${askedPort} is taken by another program; choose another port for PostgreSQL.`);
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > 5_000_000) unlinkSync(logFile);
  // A file and not a pipe: the server must be able to write after this process was killed.
  const output = openSync(logFile, 'a', 0o600);
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'log_timezone=UTC', 'log_checkpoints=off', 'max_connections=60', 'shared_buffers=64MB'];
  let ended = false;
  const sizeBefore = statSync(logFile).size;
  // Its own process group: Ctrl-C in the terminal reaches this process only, which then stops the server last.
  const child = spawn(binaries.postgres, ['-D', cluster, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])], {
    cwd: home, stdio: ['ignore', output, output], detached: true, env: serverEnvironment(), ...account,
  });
  closeSync(output);
  const failedToSpawn = new Promise<never>((_, reject) => child.once('error', (error) => reject(explainFileError(error, binaries.postgres))));
  failedToSpawn.catch(() => undefined);
  child.once('exit', (code) => {
    ended = true;
    onExit(code);
  });
  const pid = child.pid;
  if (pid === undefined) return failedToSpawn;
  const url = urlFor(port, password, 'postgres');
  for (const startedAt = performance.now(); ; await wait(20)) {
    if (ended) throw explainOutput(lastLines(logFile, 20), home);
    const said = readFileSync(logFile).subarray(sizeBefore).toString('utf8');
    if (said.includes('ready to accept connections')) break;
    if (performance.now() - startedAt > startTimeoutMs) {
      signal(pid, 'SIGQUIT');
      throw explainOutput(`not ready after ${startTimeoutMs / 1000} s; ${lastLines(logFile, 1)}`, home);
    }
  }
  try {
    await queryOnce(url, 'select 1');
  } catch (cause) {
    signal(pid, 'SIGQUIT');
    throw new PostgresError('PASSWORD_LOST', `PostgreSQL in ${home} does not accept the password in ${join(home, 'password')}; restore that file.`, { cause });
  }
  return { pid, port, hasEnded: () => ended };
}
