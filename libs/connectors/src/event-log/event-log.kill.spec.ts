import { describe, expect, it } from '@jest/globals';
import { transformFile } from '@swc/core';
import { spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { withFolder } from '../testing/temporary-folder.js';
import { openEventLog } from './event-log.js';

const here = dirname(fileURLToPath(import.meta.url));

/** The log's own source as modules that a bare Node process can load: a real process to be killed, without a build. */
async function transpileLog(to: string): Promise<void> {
  await mkdir(join(to, 'event-log'), { recursive: true });
  await writeFile(join(to, 'package.json'), '{"type":"module"}');
  const sources = (await readdir(here)).filter((name) => name.endsWith('.ts') && !name.includes('.spec.')).map((name) => join('event-log', name));
  for (const source of [...sources, 'connector-error.ts', 'durable-file.ts']) {
    const { code } = await transformFile(join(here, '..', source), { swcrc: false, jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } });
    await writeFile(join(to, source.replace(/\.ts$/, '.js')), code);
  }
}

/** Appends groups of one to five events for ever; says each seq once it is acknowledged. Small segments, so that rolls are hit too. */
const writer = `
import { openEventLog } from './event-log/event-log.js';
const log = await openEventLog(process.argv[2], { maxSegmentBytes: 20_000 });
console.log('open ' + JSON.stringify(log.openReport));
let n = log.lastSeq();
for (;;) {
  const appends = [];
  for (let k = 0; k < 3; k += 1) {
    const group = Array.from({ length: 1 + ((n + k) % 5) }, () => { n += 1; return { kind: 'event', ts: 1000 + n, id: 'e' + n, type: 'payment', fields: { text: 'x'.repeat(n % 400) } }; });
    appends.push(log.append(group).then((seqs) => { process.stdout.write(seqs.map((seq) => 'ack ' + seq + '\\n').join('')); }));
  }
  await Promise.all(appends);
}
`;

describe('a writer that is killed', () => {
  it('has every acknowledged entry in the log once, after each of many kills at any instant', () => withFolder(async (dir) => {
    await transpileLog(dir);
    await writeFile(join(dir, 'writer.js'), writer);
    const folder = join(dir, 'log');
    let acknowledged = 0;
    let staleLocks = 0;
    for (let round = 0; round < 8; round += 1) {
      const child = spawn(process.execPath, [join(dir, 'writer.js'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
      const enough = acknowledged + 40 + round * 37;
      const ended = new Promise<void>((resolve) => { child.on('exit', () => { resolve(); }); });
      for await (const line of createInterface({ input: child.stdout })) {
        if (line.startsWith('open ')) {
          if (line.includes('"staleLockOf":')) staleLocks += 1;
          continue;
        }
        const seq = /^ack (\d+)$/.exec(line); // the last line may be cut by the kill
        if (seq !== null) acknowledged = Math.max(acknowledged, Number(seq[1]));
        if (acknowledged >= enough) child.kill('SIGKILL');
      }
      await ended;
    }
    const log = await openEventLog(folder);
    const seqs: number[] = [];
    const ids: string[] = [];
    for await (const batch of log.read(1)) for (const entry of batch) {
      seqs.push(entry.seq);
      if (entry.kind === 'event') ids.push(entry.id);
    }
    await log.close();
    expect(acknowledged).toBeGreaterThan(1_000);
    expect(log.lastSeq()).toBeGreaterThanOrEqual(acknowledged);
    expect(seqs).toEqual(Array.from({ length: log.lastSeq() }, (_, i) => i + 1));
    expect(ids).toEqual(seqs.map((seq) => `e${seq}`));
    expect(staleLocks).toBe(7);
    expect((await readdir(folder)).filter((name) => name.endsWith('.seg')).length).toBeGreaterThan(5);
  }), 60_000);

  it('keeps a second process out while it lives', () => withFolder(async (dir) => {
    await transpileLog(dir);
    await writeFile(join(dir, 'writer.js'), writer);
    const child = spawn(process.execPath, [join(dir, 'writer.js'), join(dir, 'log')], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve) => { child.stdout.once('data', () => { resolve(); }); });
    await expect(openEventLog(join(dir, 'log'))).rejects.toMatchObject({ code: 'LOG_LOCKED', message: expect.stringContaining(`process ${child.pid ?? 0}`) });
    const ended = new Promise<void>((resolve) => { child.on('exit', () => { resolve(); }); });
    child.kill('SIGKILL');
    await ended;
    await (await openEventLog(join(dir, 'log'))).close();
  }), 30_000);
});
