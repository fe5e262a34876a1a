import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openEventLog } from '@weir/connectors';
import { RuleExplanation } from '@weir/contracts';
import { main } from '../main.js';

const schema = `version: 1
events:
  payment: { acct: { type: string, required: true }, amount: { type: decimal, scale: 2, required: true } }
  login:   { acct: { type: string, required: true }, ok: { type: bool } }
`;
const head = (id: string, on: string): string => `rule: ${id}\ntitle: T\ndescription: D\nowner: o\non: ${on}\nby: acct\nseverity: low\nscore: 1\naction: none\n`;
const large = `${head('large', 'payment')}let:\n  n: last("1h").count()\nwhen: amount > 200.00 && n >= 2\n`;
const takeover = `${head('takeover', '[login, payment]')}sequence:\n  within: 10m\n  steps:\n    - begin: failures\n      on: login\n      where: "!ok"\n      times: 2..\n    - followedBy: payout\n      on: payment\n      where: amount > 500.00\n`;
const start = Date.parse('2026-01-05T00:00:00Z');
const mapping = 'type: payment\nid: id\nts: { column: t, format: epoch-s }\nfields: { acct: who, amount: amt }\n';
const data = 'id,t,who,amt\np1,1000000,A,10.00\np2,1000001,A,162.50\np3,1000002,A,301.00\n';

interface Folder { path(name: string): string; run(...args: string[]): Promise<{ code: number; out: string; err: string }> }

async function withFolder(use: (folder: Folder) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-explain-'));
  const path = (name: string): string => join(dir, name);
  await mkdir(path('pack'));
  await Promise.all([['schema.yaml', schema], ['map.yaml', mapping], ['data.csv', data], ['pack/large.yaml', large], ['pack/takeover.yaml', takeover]].map(([name = '', text = '']) => writeFile(path(name), text)));
  const run = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    let [out, err] = ['', ''];
    const code = await main(args, { out: (text) => { out += text; }, err: (text) => { err += text; }, drained: () => Promise.resolve(), isInteractive: false, columns: 80 });
    return { code, out, err };
  };
  await use({ path, run }).finally(() => rm(dir, { recursive: true, force: true }));
}

/** A data folder whose log holds the rules in force and some events of account A. */
async function writeLog({ path }: Folder): Promise<void> {
  const log = await openEventLog(join(path('data'), 'log'));
  const event = (id: string, seconds: number, type: string, fields: Record<string, string | boolean>): Parameters<typeof log.append>[0][number] => ({ kind: 'event', ts: start + seconds * 1000, id, type, fields: { acct: 'A', ...fields } });
  await log.append([
    { kind: 'rules', ts: 1, schemaText: schema, rules: [{ id: 'large', mode: 'live', release: 1, text: large }, { id: 'takeover', mode: 'live', release: 1, text: takeover }] },
    event('l1', 0, 'login', { ok: false }), event('l2', 60, 'login', { ok: false }), event('p1', 120, 'payment', { amount: '300' }), event('p2', 180, 'payment', { amount: '501' }),
  ]);
  await log.close();
}

describe('weir explain', () => {
  it('names the first failing condition of an event of a file, with every distance', () => withFolder(async ({ path, run }) => {
    const { code, out } = await run('explain', '--rule', 'large', '--event', 'p2', '--rules', path('pack'), '--data', path('data.csv'), '--map', path('map.yaml'));
    expect(code).toBe(0);
    expect(out).toContain('Did not fire. Condition 1 of 2 fails first: amount > 200.00 is false: 162.50, 37.51 short (19 %).');
    expect(out).toMatch(/> {2}false {2}amount > 200\.00 {2}162\.50 > 200\.00 {2}37\.51 short \(19 %\) {2}line 12/);
    expect(out).toMatch(/true {3}n >= 2 +2 >= 2 +1 to spare/);
    expect(out).toContain('2 events, 2 counted: p1, p2');
  }));

  it('reads events of an NDJSON file as the API takes them, instants as numbers and as texts', () => withFolder(async ({ path, run }) => {
    await writeFile(path('own.ndjson'), '{"id":"p1","type":"payment","ts":"2026-01-05T01:00:00+01:00","acct":"A","amount":10}\n{"id":"p2","type":"payment","ts":1767571201000,"acct":"A","amount":200.01}\n');
    const { code, out } = await run('explain', '--rule', 'large', '--event', 'p2', '--rules', path('pack'), '--data', path('own.ndjson'));
    expect(code).toBe(0);
    expect(out).toContain('2 events, 2 counted: p1, p2');
  }));

  it('hides personal values and what is made from them when it is asked to', () => withFolder(async (folder) => {
    const { path, run } = folder;
    await writeFile(path('schema.yaml'), schema.replace('acct: { type: string, required: true }, amount: { type: decimal, scale: 2, required: true }', 'acct: { type: string, required: true, pii: true }, age: { type: int, pii: true }, amount: { type: decimal, scale: 2, required: true }'));
    await writeFile(path('pack/large.yaml'), `${head('large', 'payment')}reason: "{amount} by {acct}, soon {grown}"\nlet:\n  grown: age + 1\nwhen: grown >= 700 && amount > 200.00\n`);
    await writeFile(path('own.ndjson'), '{"id":"p1","type":"payment","ts":1767571200000,"acct":"acct-7654321","age":613,"amount":300}\n{"id":"p2","type":"payment","ts":1767571201000,"acct":"acct-7654321","age":777,"amount":300}\n');
    const asked = (event: string, ...more: string[]): ReturnType<typeof run> => run('explain', '--rule', 'large', '--event', event, '--rules', path('pack'), '--data', path('own.ndjson'), ...more);
    expect((await asked('p2')).out).toContain('Fired: 300.00 by acct-7654321, soon 778');
    expect((await asked('p1')).out).toContain('grown >= 700 is false: 614, 86 short');
    const masked = [await asked('p1', '--masked'), await asked('p2', '--masked'), await asked('p1', '--masked', '--json'), await asked('p2', '--masked', '--json')];
    expect(masked[0]?.out).toContain('Condition 1 of 2 fails first: grown >= 700 is not true.');
    expect(masked[1]?.out).toContain('Fired: 300.00 by ••••, soon ••••');
    for (const { out } of masked) expect(out).not.toMatch(/acct-7654321|\b(?:613|614|777|778)\b|86 short|78 to spare/);
  }));

  it('finds an event whose id is written with escapes, a label made for an event, and says when there is none', () => withFolder(async ({ path, run }) => {
    await writeFile(path('own.ndjson'), '{"id":"\\u0070\\u0031","type":"payment","ts":1767571200000,"acct":"A","amount":10}\n');
    const asked = (event: string): ReturnType<typeof run> => run('explain', '--rule', 'large', '--event', event, '--rules', path('pack'), '--data', path('own.ndjson'));
    expect((await asked('p1')).out).toContain('event p1, payment, seq 1');
    expect(await asked('p2')).toMatchObject({ code: 2, err: expect.stringContaining(`There is no event p2 in ${path('own.ndjson')}.`) });
    await writeFile(path('schema.yaml'), `${schema}  label:\n    late: restamp\n    event_id: { type: string, required: true }\n    acct: { type: string }\n    fraud: { type: bool, required: true }\n`);
    await writeFile(path('map.yaml'), `${mapping}label: { column: bad, positive: "1", delay: 1h, fields: [acct] }\n`);
    await writeFile(path('data.csv'), 'id,t,who,amt,bad\np1,1000000,A,10.00,1\n');
    const label = await run('explain', '--rule', 'large', '--event', 'label-p1', '--rules', path('pack'), '--data', path('data.csv'), '--map', path('map.yaml'));
    expect(label).toMatchObject({ code: 0, out: expect.stringContaining('Not evaluated: the event is of type label') });
  }));

  it('takes the rules in force from the log of a data folder, and tells how far a sequence came', () => withFolder(async (folder) => {
    await writeLog(folder);
    const explained = async (event: string): Promise<RuleExplanation> => RuleExplanation.parse(JSON.parse((await folder.run('explain', '--rule', 'takeover', '--event', event, '--data', folder.path('data'), '--json')).out));
    expect(await explained('p1')).toMatchObject({
      outcome: 'notFired',
      summary: 'Did not fire. The furthest match has 1 of 2 steps. It waited for payout or more failures; for payout, amount > 500.00 is false: 300.00, 200.01 short (40 %).',
      sequence: { steps: [{ name: 'failures', state: 'done', count: 2 }, { name: 'payout', state: 'missing' }], within: { limitMs: 600_000, usedMs: 120_000 }, tookEventAs: [] },
    });
    expect(await explained('p2')).toMatchObject({ outcome: 'fired', alertIds: [expect.stringMatching(/^[0-9a-f]{32}$/)] });
    const { out } = await folder.run('explain', '--rule', 'takeover', '--event', 'l1', '--data', folder.path('data'));
    expect(out).toContain('The event was taken as failures. It waits for failures.');
  }));

  it('says what is not there, and what was meant', () => withFolder(async (folder) => {
    await writeLog(folder);
    const failing = async (...args: string[]): Promise<string> => {
      const { code, err } = await folder.run('explain', ...args, '--data', folder.path('data'));
      expect(code).toBe(2);
      return err;
    };
    expect(await failing('--rule', 'takeovr', '--event', 'p1')).toContain('There is no rule takeovr. Did you mean takeover?');
    expect(await failing('--rule', 'large', '--event', 'nope')).toContain('There is no event nope in the log');
    expect((await folder.run('explain', '--rule', 'large', '--event', 'p1', '--data', folder.path('nowhere'))).err).toContain('does not exist. Name a data folder');
    expect((await folder.run('explain', '--rule', 'large', '--event', 'p1', '--data', folder.path('data.csv'), '--rules', folder.path('pack'))).err).toContain('--map FILE');
  }));
});
