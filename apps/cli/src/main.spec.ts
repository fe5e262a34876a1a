import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BacktestReport } from '@weir/contracts';
import { main } from './main.js';

const schema = `version: 1
events:
  payment:
    acct:   { type: string, required: true }
    amount: { type: decimal, scale: 2, required: true }
  label:
    late: restamp
    event_id: { type: string, required: true }
    acct:     { type: string }
    fraud:    { type: bool, required: true }
`;
const rule = (id: string, when: string, tests = ''): string => `rule: ${id}\ntitle: T\ndescription: D\nowner: o\non: payment\nby: acct\nseverity: low\nscore: 1\naction: none\nwhen: ${when}\n${tests}`;
const test = (amount: string, alerts: string): string => `tests:\n  - name: one\n    events:\n      - { id: a, at: 1s, acct: x, amount: ${amount} }\n    alerts: ${alerts}\n`;
const mapping = 'type: payment\nid: id\nts: { column: t, format: epoch-s }\nfields: { acct: who, amount: amt }\nlabel: { column: bad, positive: "1", delay: 1h, fields: [acct] }\n';
const data = 'id,t,who,amt,bad\n1,1000000,A,10.00,0\n2,1000001,A,300.00,1\n3,1000002,A,301.00,0\n4,oops,A,1.00,0\n5,1010000,A,5.00,0\n';

interface Folder { readonly dir: string; path(name: string): string; run(...args: string[]): Promise<{ code: number; out: string; err: string }> }

async function withFolder(use: (folder: Folder) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-cli-'));
  const path = (name: string): string => join(dir, name);
  await mkdir(path('pack'));
  await writeFile(path('schema.yaml'), schema);
  await writeFile(path('map.yaml'), mapping);
  await writeFile(path('data.csv'), data);
  await writeFile(path('pack/large.yaml'), rule('large', 'amount > 200.00', test('201.00', '[a]')));
  await writeFile(path('pack/known.yaml'), rule('known', 'of(label).by(acct).last("1d").count(fraud) >= 1'));
  const run = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    let out = '';
    let err = '';
    const code = await main(args, { out: (text) => { out += text; }, err: (text) => { err += text; }, drained: () => Promise.resolve(), isInteractive: false, columns: 80 });
    return { code, out, err };
  };
  await use({ dir, path, run }).finally(() => rm(dir, { recursive: true, force: true }));
}

describe('weir rules check', () => {
  it('prints the class of each rule and ends with 0', () => withFolder(async ({ path, run }) => {
    const { code, out } = await run('rules', 'check', path('pack'));
    expect({ code, lines: out.trim().split('\n') }).toEqual({ code: 0, lines: ['E  known', 'E  large', '2 rule files: no findings'] });
  }));

  it('prints every finding with its place and ends with 1', () => withFolder(async ({ path, run }) => {
    await writeFile(path('pack/slip.yaml'), rule('slip', 'amout > 5.00 && acctt == "a"'));
    const { code, out } = await run('rules', 'check', path('pack'));
    expect(code).toBe(1);
    expect(out).toContain(`${path('pack/slip.yaml')}:10:7 error unknown-field: `);
    expect(out).toContain(`${path('pack/slip.yaml')}:10:23 error unknown-field: `);
    expect(out).toContain('   10 | when: amout > 5.00 && acctt == "a"\n      |       ^^^^^\n');
    expect(out).toContain('3 rule files: 2 errors');
  }));

  it('refuses two files with one rule id', () => withFolder(async ({ path, run }) => {
    await mkdir(path('other'));
    await writeFile(path('other/large.yaml'), rule('large', 'amount > 1.00'));
    const { code, out } = await run('rules', 'check', path('pack'), path('other'), '--schema', path('schema.yaml'));
    expect(code).toBe(1);
    expect(out).toContain('duplicate-rule');
  }));

  it('prints one JSON object when asked', () => withFolder(async ({ path, run }) => {
    const { out } = await run('rules', 'check', path('pack'), '--json');
    expect(JSON.parse(out)).toMatchObject({ ok: true, files: 2, rules: [{ rule: 'known', class: 'E' }, { rule: 'large', class: 'E' }] });
  }));
});

describe('weir rules test', () => {
  it('runs the tests in both evaluation modes', () => withFolder(async ({ path, run }) => {
    const { code, out } = await run('rules', 'test', path('pack'));
    expect({ code, out }).toEqual({ code: 0, out: 'no tests: known\n2 rules, 2 tests: 2 passed, 0 failed\n' });
  }));

  it('says what was expected and what came when a test fails, and ends with 1', () => withFolder(async ({ path, run }) => {
    await writeFile(path('pack/wrong.yaml'), rule('wrong', 'amount > 200.00', test('1.00', '[a]')));
    const { code, out } = await run('rules', 'test', path('pack'));
    expect(code).toBe(1);
    expect(out).toContain('FAILED wrong: one (arrival)\n  expected alerts: a\n  actual alerts:   none\n');
    expect(out).toContain('4 tests: 2 passed, 2 failed');
  }));
});

describe('weir backtest', () => {
  const args = (path: Folder['path'], ...more: string[]): string[] => ['backtest', '--rules', path('pack'), '--schema', path('schema.yaml'), '--data', path('data.csv'), '--map', path('map.yaml'), ...more];

  it('prints exactly one object on stdout and everything else on stderr', () => withFolder(async ({ path, run }) => {
    const { code, out, err } = await run(...args(path, '--any', 'C1=LARGE,known', '--any', 'C2=C1', '--json'));
    expect(code).toBe(0);
    const report = BacktestReport.parse(JSON.parse(out));
    expect(Object.keys(JSON.parse(out))).toEqual(['events', 'positives', 'tookMs', 'eventsPerSecond', 'rules', 'combinations']);
    expect(report).toMatchObject({
      events: 4, positives: 1,
      rules: [{ rule: 'known', alerts: 1, truePositives: 0, precision: 0, recall: 0 }, { rule: 'large', alerts: 2, truePositives: 1, precision: 0.5, recall: 1 }],
      combinations: [{ rule: 'C1', alerts: 3, truePositives: 1, precision: 1 / 3, recall: 1 }, { rule: 'C2', alerts: 3 }],
    });
    expect(err).toContain('In the file: 4 events, 1 label, 1 rejected\n');
    expect(err).toContain('line 5: bad-format: ts: ');
  }));

  it('prints a table without --json', () => withFolder(async ({ path, run }) => {
    const { out, err } = await run(...args(path));
    expect(err).toMatch(/^In the file: 1 label, 1 rejected\n {2}line 5: bad-format: /); // how many events is said once, on stdout
    expect(out).toContain('rule   alerts  of which fraud  precision  recall\nknown       1               0      0.000   0.000\nlarge       2               1      0.500   1.000\n4 events, 1 labelled fraud,');
  }));

  it('calls an id that says something else a conflict, as the API does, and the same again a duplicate', () => withFolder(async ({ path, run }) => {
    const line = (id: string, amount: string): string => `${JSON.stringify({ id, type: 'payment', ts: 1_000_000, acct: 'A', amount })}\n`;
    await writeFile(path('data.ndjson'), line('1', '10.00') + line('1', '11.00') + line('1', '10.00'));
    const { code, err } = await run('backtest', '--rules', path('pack'), '--schema', path('schema.yaml'), '--data', path('data.ndjson'), '--json');
    expect({ code, err }).toEqual({ code: 0, err: 'In the file: 1 event, 1 duplicate, 1 rejected\n  line 2: conflict: id: an earlier event of the file has the id 1 and says something else\n' });
  }));

  it.each([
    { name: 'a data file that is not there', change: ['--data', 'none.csv'], says: 'none.csv cannot be read: there is no such file' },
    { name: 'a data file of an unknown kind', change: ['--data', 'schema.yaml'], says: 'ends in none of .csv, .ndjson' },
    { name: 'a rule folder that is not there', change: ['--rules', 'nowhere'], says: 'nowhere does not exist' },
    { name: 'a schema that is not there', change: ['--schema', 'nothing.yaml'], says: 'nothing.yaml does not exist' },
    { name: 'a mapping that is not there', change: ['--map', 'nothing.yaml'], says: 'nothing.yaml does not exist' },
    { name: 'a combination of an unknown rule', change: ['--any', 'C1=large,lerge'], says: 'there is no rule lerge; there are known, large' },
    { name: 'a combination without a name', change: ['--any', 'large'], says: 'write NAME=RULE,RULE' },
  ])('refuses $name in one sentence, with exit code 2 and nothing on stdout', ({ change, says }) => withFolder(async ({ path, run }) => {
    const [flag = '', value = ''] = change;
    const given = args(path);
    const at = given.indexOf(flag);
    const isFile = flag !== '--any';
    const changed = isFile ? given.with(at + 1, path(value)) : [...given, flag, value];
    const { code, out, err } = await run(...changed);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
  }));

  it('shows where the mapping is wrong', () => withFolder(async ({ path, run }) => {
    await writeFile(path('map.yaml'), mapping.replace('format: epoch-s', 'format: epochs'));
    const { code, err } = await run(...args(path));
    expect(code).toBe(2);
    expect(err).toContain(`${path('map.yaml')}:3:26 error mapping-value: `);
  }));

  it('names the columns that the file lacks', () => withFolder(async ({ path, run }) => {
    await writeFile(path('map.yaml'), mapping.replace('who', 'whom'));
    const { code, err } = await run(...args(path));
    expect(code).toBe(2);
    expect(err).toContain('The mapping does not fit:\n  the file has no column "whom"; it has id, t, who, amt, bad');
  }));

  it('does not run rules that do not compile', () => withFolder(async ({ path, run }) => {
    await writeFile(path('pack/slip.yaml'), rule('slip', 'amout > 5.00'));
    const { code, out, err } = await run(...args(path));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(':10:7 error unknown-field');
  }));
});

describe('weir', () => {
  it('ends with 0 for help and 2 for an unknown command', () => withFolder(async ({ run }) => {
    expect((await run('--help')).code).toBe(0);
    expect(await run('fly')).toMatchObject({ code: 2, err: expect.stringContaining("unknown command 'fly'") });
    expect((await run('backtest')).code).toBe(2);
  }));

  it('does not send without a key or to where nobody listens', () => withFolder(async ({ path, run }) => {
    const sent = ['ingest', path('data.csv'), '--map', path('map.yaml'), '--schema', path('schema.yaml')];
    expect(await run(...sent)).toMatchObject({ code: 2, err: expect.stringContaining('There is no API key') });
    expect(await run(...sent, '--key', 'k', '--source', 'a b')).toMatchObject({ code: 2, err: expect.stringContaining('--source a b: letters, digits') });
  }));
});
