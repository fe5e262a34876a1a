import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { chooseAccount, isTraversableByOthers } from './account.js';
import { PostgresError, explainFileError } from './postgres-error.js';
import { readPostmasterFile } from './postmaster-file.js';
import { isAlive } from './process-identity.js';
import { startPostgres } from './start-postgres.js';

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('skipped: a checkout that the database\'s account can not enter: only root changes accounts\n');
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-pg-'));
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as readonly Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

const pidOf = (dataDir: string): number => readPostmasterFile(join(dataDir, 'cluster'))?.pid ?? 0;

describe('the embedded PostgreSQL', () => {
  it('starts, keeps its data over a clean stop, and leaves no process', async () => {
    const dataDir = join(folder, 'kept');
    const first = await startPostgres({ dataDir, databaseUrl: '' });
    await query(first.url, 'create table kept as select 42 as answer');
    const pid = pidOf(dataDir);
    await first.stop();
    await first.stop();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(dataDir, 'cluster', 'postmaster.pid'))).toBe(false);

    const second = await startPostgres({ dataDir, databaseUrl: '' });
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    expect(second.wasReused).toBe(false);
    await second.stop();
  });

  it('listens on loopback only and refuses a wrong password', async () => {
    const dataDir = join(folder, 'guarded');
    const running = await startPostgres({ dataDir, databaseUrl: '' });
    expect(await query(running.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    await expect(query(running.url.replace(/:[^:@/]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/password authentication failed/);
    expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
    await expect(startPostgres({ dataDir, databaseUrl: '' })).rejects.toMatchObject({ code: 'IN_USE' });
    await running.stop();
  });

  it('takes over the server that a killed process left behind, and stops one that does not answer', async () => {
    const dataDir = join(folder, 'orphan');
    const first = await startPostgres({ dataDir, databaseUrl: '' });
    const pid = pidOf(dataDir);
    await first.stop();
    // The same server started by a process that is gone: what kill -9 of the product leaves.
    const binary = readFileSync(join(dataDir, 'cluster', 'postmaster.opts'), 'utf8').match(/^(\S+)/)?.[1] ?? '';
    expect(pid).toBeGreaterThan(0);
    const owner = statSync(join(dataDir, 'cluster'));
    const port = new URL(first.url).port;
    const startOrphan = async (): Promise<void> => {
      const orphan = spawn(binary, ['-D', join(dataDir, 'cluster'), '-p', port, '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='], { cwd: dataDir, detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { LC_ALL: 'C' }, ...(isRoot ? { uid: owner.uid, gid: owner.gid } : {}) });
      await new Promise<void>((resolve) => orphan.stderr?.setEncoding('utf8').on('data', (text: string) => text.includes('ready to accept') && resolve()));
      // It writes its state to its file after it has said so: whoever writes there too must come later.
      while (!readFileSync(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8').includes('ready')) await new Promise((resolve) => setImmediate(resolve));
      orphan.unref();
    };
    await startOrphan();
    const orphanPid = pidOf(dataDir);
    const second = await startPostgres({ dataDir, databaseUrl: '' });
    expect(second.wasReused).toBe(true);
    expect(pidOf(dataDir)).toBe(orphanPid);
    await second.stop();
    expect(isAlive(orphanPid)).toBe(false);

    await startOrphan();
    const deaf = pidOf(dataDir);
    const lines = readFileSync(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8').split('\n');
    lines[3] = '1'; // nothing answers there
    writeFileSync(join(dataDir, 'cluster', 'postmaster.pid'), lines.join('\n'));
    const third = await startPostgres({ dataDir, databaseUrl: '' });
    expect(third.wasReused).toBe(false);
    expect(isAlive(deaf)).toBe(false);
    await third.stop();
  });

  it('tells when the server ends by itself', async () => {
    const dataDir = join(folder, 'dies');
    const told = new Promise<string>((resolve) => {
      void startPostgres({ dataDir, databaseUrl: '', onUnexpectedExit: resolve }).then((running) => {
        process.kill(pidOf(dataDir), 'SIGQUIT');
        return running;
      });
    });
    expect(await told).toContain('PostgreSQL ended by itself');
  });

  it('uses the server of DATABASE_URL and never stops it', async () => {
    const own = await startPostgres({ dataDir: join(folder, 'given'), databaseUrl: '' });
    const given = await startPostgres({ dataDir: join(folder, 'unused'), databaseUrl: own.url });
    expect(given).toMatchObject({ url: own.url, isEmbedded: false });
    expect(existsSync(join(folder, 'unused'))).toBe(false);
    await given.stop();
    expect(await query(own.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
    await own.stop();
    await expect(startPostgres({ dataDir: join(folder, 'unused'), databaseUrl: own.url })).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it('refuses with one sentence a file in place of the folder, an other version, and a lost password', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(startPostgres({ dataDir: file, databaseUrl: '' })).rejects.toMatchObject({ code: 'NO_PERMISSION' });

    const old = join(folder, 'old', 'cluster');
    mkdirSync(old, { recursive: true });
    writeFileSync(join(old, 'PG_VERSION'), '12\n');
    await expect(startPostgres({ dataDir: join(folder, 'old'), databaseUrl: '' })).rejects.toMatchObject({ code: 'OTHER_VERSION' });
    writeFileSync(join(old, 'PG_VERSION'), '18\n');
    await expect(startPostgres({ dataDir: join(folder, 'old'), databaseUrl: '' })).rejects.toMatchObject({ code: 'PASSWORD_LOST' });
  });

  it('begins again when the very first start was interrupted', async () => {
    const dataDir = join(folder, 'interrupted');
    mkdirSync(join(dataDir, 'cluster.new', 'base'), { recursive: true });
    writeFileSync(join(dataDir, 'owner.json'), '{"pid":'); // torn
    const running = await startPostgres({ dataDir, databaseUrl: '' });
    expect(existsSync(join(dataDir, 'cluster.new'))).toBe(false);
    await running.stop();
  });
});

describe('the account of the server', () => {
  it('is this process unless it is root, and leaves a folder that others can not enter', () => {
    const locked = join(folder, 'locked');
    mkdirSync(join(locked, 'data'), { recursive: true });
    expect(chooseAccount(join(locked, 'data'), false)).toEqual({ home: join(locked, 'data') });
    expect(chooseAccount(join(locked, 'data'), true).home).toBe(join(locked, 'data'));
    chmodSync(locked, 0o700);
    expect(isTraversableByOthers(join(locked, 'data'))).toBe(false);
    expect(chooseAccount(join(locked, 'data'), true).home).toMatch(/^\/var\/lib\/weir\/[0-9a-f]{12}$/);
  });

  (isRoot ? it : it.skip)('runs from a checkout that the account can not enter', async () => {
    const locked = join(folder, 'root-home');
    mkdirSync(locked);
    chmodSync(locked, 0o700);
    const running = await startPostgres({ dataDir: join(locked, 'data'), databaseUrl: '' });
    const { home } = chooseAccount(join(locked, 'data'));
    expect(await query(running.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
    await running.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('explains errors of the file system', () => {
    const error = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    expect(explainFileError(error, '/data')).toBeInstanceOf(PostgresError);
    expect(explainFileError(new Error('other'), '/data')).not.toBeInstanceOf(PostgresError);
    symlinkSync('/nowhere', join(folder, 'link'));
  });
});
