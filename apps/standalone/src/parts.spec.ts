import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { prepareDataFolder } from './data-folder.js';
import { logIdentity } from './log-identity.js';
import { EventMinutes } from './ports/event-minutes.js';
import { releaseMarkFile } from './ports/release-mark-file.js';
import { schemaInForce } from './rule-packs.js';
import { Shutdown } from './shutdown.js';

async function withFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-standalone-'));
  await use(dir).finally(() => rm(dir, { recursive: true, force: true }));
}

describe('the shutdown', () => {
  it('ends what was started last first, once, and goes on past a step that fails', async () => {
    const ended: string[] = [];
    const failed: string[] = [];
    const shutdown = new Shutdown((name) => failed.push(name));
    for (const name of ['database', 'log', 'engine']) shutdown.add(name, () => { ended.push(name); if (name === 'log') throw new Error('disk'); });
    await Promise.all([shutdown.run(), shutdown.run()]);
    expect({ ended, failed }).toEqual({ ended: ['engine', 'log', 'database'], failed: ['log'] });
  });
});

describe('events by minute', () => {
  it('count what came since the last look for the minute of the look, and forget after an hour', () => {
    const minutes = new EventMinutes();
    minutes.update(5, 60_000);
    minutes.update(8, 61_000);
    minutes.update(9, 120_000);
    expect(minutes.list()).toEqual([{ at: 60_000, events: 8 }, { at: 120_000, events: 1 }]);
    minutes.update(9, 120_000 + 60 * 60_000);
    expect(minutes.list()).toEqual([{ at: 120_000 + 60 * 60_000, events: 0 }]);
  });
});

describe('the data folder', () => {
  it('is made with everything above it, passable but not listable for others', () => withFolder(async (dir) => {
    expect(await prepareDataFolder(join(dir, 'a', 'b'))).toEqual({ ok: true });
    expect((await stat(join(dir, 'a', 'b'))).mode & 0o777).toBe(0o711);
    expect(await prepareDataFolder(join(dir, 'a', 'b'))).toEqual({ ok: true });
  }));

  it('is refused in a sentence when it cannot be made', () => withFolder(async (dir) => {
    await writeFile(join(dir, 'file'), '');
    for (const path of [join(dir, 'file'), join(dir, 'file', 'below'), '/proc/weir/data']) {
      const result = await prepareDataFolder(path);
      expect(result.ok ? 'accepted' : result.message).toMatch(/^The data folder .* choose another folder: npm start -- --data FOLDER$/);
    }
  }));
});

describe('the identity of a log', () => {
  it('stays with its folder and is new with a new one', () => withFolder(async (dir) => {
    const first = await logIdentity(join(dir, 'log'));
    expect(await logIdentity(join(dir, 'log'))).toBe(first);
    await rm(join(dir, 'log'), { recursive: true });
    expect(await logIdentity(join(dir, 'log'))).not.toBe(first);
  }));
});

describe('the release mark', () => {
  const mark = { seenSeq: 9, release: { seq: 4, draft: { schemaText: 's', rules: [{ id: 'a', mode: 'live' as const, release: 1, text: 't' }] } } };
  it('comes back as it was saved, and is nothing when it is lost or half written', () => withFolder(async (dir) => {
    const file = releaseMarkFile(join(dir, 'mark.json'));
    expect(await file.load()).toBeUndefined();
    await file.save(mark);
    expect(await file.load()).toEqual(mark);
    await writeFile(join(dir, 'mark.json'), '{"seenSeq":9,"rel');
    expect(await file.load()).toBeUndefined();
  }));
});

describe('the schema in force', () => {
  const schema = (amount: string): string => `version: 1\nevents:\n  payment:\n    acct: { type: string }\n    ${amount}: { type: decimal, scale: 2 }\n`;
  const rule = { id: 'r', mode: 'live' as const, release: 1, text: 'rule: r\ntitle: T\ndescription: D\nowner: o\non: payment\nseverity: low\nscore: 1\naction: none\nwhen: amount > 5.00\n' };
  const inForce = async (dir: string, file: string, released?: string): Promise<{ text: string; told: string[] }> => {
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'schema.yaml'), file);
    const told: string[] = [];
    const { text } = await schemaInForce(dir, released === undefined ? undefined : { schemaText: released, rules: [rule] }, 86_400_000, (line) => told.push(line));
    return { text, told };
  };

  it('is that of the file when every released rule still compiles with it', () => withFolder(async (dir) => {
    const wider = `${schema('amount')}    note: { type: string }\n`;
    expect(await inForce(dir, wider, schema('amount'))).toEqual({ text: wider, told: [] });
  }));

  it('stays the released one when a released rule would break, and the rule is named', () => withFolder(async (dir) => {
    const { text, told } = await inForce(dir, schema('total'), schema('amount'));
    expect(text).toBe(schema('amount'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('Rule r does not compile');
  }));

  it('stays the released one when the file does not compile', () => withFolder(async (dir) => {
    const { text, told } = await inForce(dir, 'version: 1\nevents: 5\n', schema('amount'));
    expect(text).toBe(schema('amount'));
    expect(told[0]).toContain('schema.yaml:2:');
  }));

  it('is an error when there is none', () => withFolder(async (dir) => {
    await expect(inForce(dir, 'events: [')).rejects.toThrow('cannot be used');
  }));
});
