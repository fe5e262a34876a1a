import { createServer } from 'node:net';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { AlertPage } from '@weir/contracts';
import { queryCaseStore } from './support/case-store.js';
import { paymentLines } from './support/payments.js';
import { until, WeirApi } from './support/weir-api.js';
import { cleanUp, newDataFolder, processesOf, startRefused, startWeir } from './support/weir-process.js';

afterAll(cleanUp);

async function sendAll(api: WeirApi, count: number, seed: number): Promise<void> {
  const response = await api.send('POST', '/v1/events', paymentLines(count, seed).map(({ line }) => `${line}\n`).join(''), { 'content-type': 'application/x-ndjson' });
  await response.text();
  await until('the engine at the end of the log', () => api.ops(), (ops) => ops.store.progressSeq === ops.log.lastSeq);
}

describe('start and stop', () => {
  it('ends on Ctrl-C with nothing left running, and goes on with all data', async () => {
    const dataDir = await newDataFolder();
    const first = await startWeir({ dataDir });
    const key = await (await WeirApi.byLink(first.loginUrl)).api.newKey('lifecycle');
    await sendAll(WeirApi.withKey(first.url, key), 3_000, 1);
    const before = AlertPage.parse(await WeirApi.withKey(first.url, key).json('GET', '/v1/alerts?limit=200&sort=newest'));
    const lastSeq = (await WeirApi.withKey(first.url, key).ops()).log.lastSeq;
    expect(before.total).toBeGreaterThan(20);
    expect(await first.end('SIGINT')).toBe(0);
    expect(await processesOf(dataDir)).toEqual([]);

    const second = await startWeir({ dataDir });
    const api = WeirApi.withKey(second.url, key);
    const after = AlertPage.parse(await api.json('GET', '/v1/alerts?limit=200&sort=newest'));
    expect(after.items.map(({ id }) => id)).toEqual(before.items.map(({ id }) => id));
    expect(after.total).toBe(before.total);
    expect((await api.ops()).log.lastSeq).toBe(lastSeq);
    // What was released is kept: no second release of the shipped rules.
    expect(second.output()).not.toContain('shipped rules are live');
    // The final checkpoint was used: nothing had to be evaluated again.
    const ready = await until('recovery', () => api.ops(), ({ engine }) => engine.state === 'running');
    expect(ready.engine.seq).toBe(lastSeq);
    expect(await second.end('SIGTERM')).toBe(0);
    expect(await processesOf(dataDir)).toEqual([]);
  });

  it('recovers after kill -9, an orphaned PostgreSQL included', async () => {
    const dataDir = await newDataFolder();
    const first = await startWeir({ dataDir });
    const key = await (await WeirApi.byLink(first.loginUrl)).api.newKey('lifecycle');
    await sendAll(WeirApi.withKey(first.url, key), 2_000, 2);
    const before = await queryCaseStore(dataDir, 'select id from alerts order by id');
    await first.end('SIGKILL');
    expect((await processesOf(dataDir)).some(({ command }) => command.includes('postgres'))).toBe(true);

    const second = await startWeir({ dataDir });
    expect(second.output()).toContain('left behind was taken over');
    expect(await queryCaseStore(dataDir, 'select id from alerts order by id')).toEqual(before);
    await sendAll(WeirApi.withKey(second.url, key), 500, 3);
    expect(await second.end('SIGINT')).toBe(0);
    expect(await processesOf(dataDir)).toEqual([]);
  });
});

describe('a start that cannot be', () => {
  it('says in one sentence that the port is busy', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const dataDir = await newDataFolder();
    const { code, output } = await startRefused({ dataDir, port });
    other.close();
    expect(code).toBe(1);
    expect(output).toBe(`Port ${port} is in use by another program. Stop it, or choose another: npm start -- --port ${port + 1}\n`);
    expect(await processesOf(dataDir)).toEqual([]);
  });

  it('says in one sentence that the data folder is a file', async () => {
    const dataDir = await newDataFolder();
    await writeFile(dataDir, '');
    const { code, output } = await startRefused({ dataDir });
    expect({ code, lines: output.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(output).toContain('is a file');
  });

  it('says in one sentence that the data folder cannot be written', async () => {
    const dataDir = await newDataFolder();
    const target = process.getuid?.() === 0 ? '/proc/weir-data' : join(dirname(dataDir), 'closed', 'data');
    if (process.getuid?.() !== 0) {
      await mkdir(dirname(target));
      await chmod(dirname(target), 0o500);
    }
    const { code, output } = await startRefused({ dataDir: target });
    expect({ code, lines: output.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(output).toContain(target);
  });

  it('says in one sentence that another Weir runs on the folder', async () => {
    const dataDir = await newDataFolder();
    const first = await startWeir({ dataDir });
    const { code, output } = await startRefused({ dataDir });
    expect({ code, lines: output.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(output).toContain('in use by process');
    expect(await first.end('SIGINT')).toBe(0);
  });

  it('names the setting that is wrong', async () => {
    const { code, output } = await startRefused({ dataDir: await newDataFolder(), environment: { WEIR_MAX_FUTURE: 'soon' } });
    expect({ code, output }).toEqual({ code: 1, output: 'WEIR_MAX_FUTURE: "soon" is not a span such as 500ms, 10m or 35d.\n' });
  });
});
