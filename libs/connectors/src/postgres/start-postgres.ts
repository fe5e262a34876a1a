import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { chooseAccount } from './account.js';
import type { Account } from './account.js';
import { locateBinaries } from './binaries.js';
import type { PostgresBinaries } from './binaries.js';
import { PostgresError, explainFileError } from './postgres-error.js';
import { readPostmasterFile } from './postmaster-file.js';
import { commandLine, isAlive, processIdentity } from './process-identity.js';

export interface StartPostgresOptions {
  /** Folder of the database: `cluster/`, `password`, `postgres.log`, `owner.json`. Made when absent. */
  readonly dataDir: string;
  /** Receives one line per step, for people. */
  readonly log?: ((line: string) => void) | undefined;
  /** Port on 127.0.0.1; a free one when absent. */
  readonly port?: number | undefined;
  /** A PostgreSQL to use instead; then nothing is started. Default: the environment's DATABASE_URL. */
  readonly databaseUrl?: string | undefined;
  /** Called when the server ends without stop() having been called; the database is then unreachable. */
  readonly onUnexpectedExit?: ((message: string) => void) | undefined;
}

export interface RunningPostgres {
  /** Connection string of the database `weir`. Holds the password: never log it. */
  readonly url: string;
  /** False: the server was given by DATABASE_URL. */
  readonly isEmbedded: boolean;
  /** True: a server that an earlier, killed process left behind was taken over. */
  readonly wasReused: boolean;
  /** Ends the embedded server (fast shutdown: open transactions roll back). Twice is once. Does nothing to a given server. */
  stop(): Promise<void>;
}

const majorVersion = '18';
const databaseName = 'weir';
const startTimeoutMs = 120_000; // recovery after a crash may replay a lot of log
const stopTimeoutMs = 20_000;
const openFolders = new Set<string>();

const urlFor = (port: number, password: string, database: string): string => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;

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

/** Runs one query on a connection of its own. */
async function queryOnce(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // a connection lost between calls shows in the next call
  try {
    await client.connect();
    return (await client.query(text)).rows as readonly Record<string, unknown>[]; // as: pg types rows as any
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function ensureDatabase(port: number, password: string): Promise<void> {
  const admin = urlFor(port, password, 'postgres');
  const found = await queryOnce(admin, `select 1 from pg_database where datname = '${databaseName}'`);
  if (found.length === 0) await queryOnce(admin, `create database ${databaseName}`);
}

const lastLines = (path: string, count: number): string => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').slice(-count).join('\n') : '');

/** Free bytes a new cluster wants: 40 MB of files, the first write-ahead log segments, room to work. */
const neededBytes = 150 * 1024 * 1024;

function requireSpace(home: string): void {
  const { bavail, bsize } = statfsSync(home);
  if (bavail * bsize < neededBytes) throw noSpace(home);
}

const noSpace = (home: string): PostgresError => new PostgresError('NO_SPACE', `No space left on the disk of ${home}; the database needs about 200 MB. Free some space or choose another data folder.`);

/** Finds the cause in everything that was said; shows the last of it. */
function explainOutput(said: string, home: string): PostgresError {
  const output = said.trim().split('\n').slice(-4).join(' | ');
  if (/no space left|disk quota/i.test(said)) return noSpace(home);
  if (/permission denied|operation not permitted|read-only file system/i.test(said)) return new PostgresError('NO_PERMISSION', `PostgreSQL may not write to ${home}: ${output}`);
  if (/address already in use/i.test(said)) return new PostgresError('PORT_TAKEN', `The port for PostgreSQL is taken: ${output}`);
  if (/could not create shared memory|shmget|shm_open/i.test(said)) return new PostgresError('START_FAILED', `PostgreSQL got no shared memory; give the container more of it (--shm-size=256m). It said: ${output}`);
  return new PostgresError('START_FAILED', `PostgreSQL did not start. It said: ${output === '' ? 'nothing' : output}. Its log is ${join(home, 'postgres.log')}.`);
}

/** Creates the cluster beside its place and moves it there whole: an interrupted first start leaves nothing half done. */
async function createCluster(binaries: PostgresBinaries, home: string, account: Account | undefined): Promise<void> {
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

/** Only what the server needs: no PG* variable of the user's shell, no secrets. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const keep = ['PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP'];
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => keep.includes(name))), LC_ALL: 'C', TZ: 'UTC' };
}

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

function releaseOwnership(home: string): void {
  rmSync(join(home, 'owner.json'), { force: true });
  openFolders.delete(home);
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

async function stopServer(pid: number, binaries: PostgresBinaries, cluster: string, log: (line: string) => void): Promise<void> {
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
async function takeOver(cluster: string, password: string, binaries: PostgresBinaries, log: (line: string) => void): Promise<{ pid: number; port: number } | undefined> {
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

interface Server { readonly pid: number; readonly port: number; hasEnded(): boolean }

async function launch(binaries: PostgresBinaries, home: string, password: string, askedPort: number | undefined, account: Account | undefined, onExit: (code: number | null) => void): Promise<Server> {
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

function readPassword(home: string): string {
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

function openFolder(dataDir: string): { readonly home: string; readonly account?: Account } {
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

async function useGiven(url: string, log: (line: string) => void): Promise<RunningPostgres> {
  try {
    const rows = await queryOnce(url, 'show server_version');
    log(`using the PostgreSQL ${String(rows[0]?.['server_version'])} of DATABASE_URL`);
  } catch (cause) {
    throw new PostgresError('UNREACHABLE', `The PostgreSQL of DATABASE_URL does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return { url, isEmbedded: false, wasReused: false, stop: async () => undefined };
}

/**
 * Starts the embedded PostgreSQL 18 on loopback, or uses the one of DATABASE_URL.
 *
 * A server left over by a killed process is taken over. Passwords are SCRAM with a generated secret in a 0600 file.
 * As root it runs as the cluster's owner, else `nobody` (see {@link chooseAccount}).
 *
 * @throws PostgresError, one sentence each, for every expected refusal.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const log = options.log ?? (() => undefined);
  const given = options.databaseUrl ?? process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') return useGiven(given, log);

  const { home, account } = openFolder(options.dataDir);
  try {
    const binaries = await locateBinaries(home, account !== undefined);
    const cluster = join(home, 'cluster');
    if (!existsSync(cluster)) {
      log(`creating the database in ${home}`);
      await createCluster(binaries, home, account);
    }
    const password = readPassword(home);
    let stopping: Promise<void> | undefined;
    const reused = await takeOver(cluster, password, binaries, log);
    const server = reused ?? (await launch(binaries, home, password, options.port, account, (code) => {
      if (stopping === undefined) options.onUnexpectedExit?.(`PostgreSQL ended by itself with code ${code}; its log is ${join(home, 'postgres.log')}`);
    }));
    try {
      await ensureDatabase(server.port, password);
    } catch (error) {
      stopping = stopServer(server.pid, binaries, cluster, log);
      await stopping;
      throw error;
    }
    log(`PostgreSQL ${majorVersion} is ready on 127.0.0.1:${server.port}`);
    return {
      url: urlFor(server.port, password, databaseName),
      isEmbedded: true,
      wasReused: reused !== undefined,
      stop: () => (stopping ??= stopServer(server.pid, binaries, cluster, log).finally(() => releaseOwnership(home))),
    };
  } catch (error) {
    releaseOwnership(home);
    throw explainFileError(error, home);
  }
}
