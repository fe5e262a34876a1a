import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BacktestReport } from '@weir/contracts';
import { main } from '../main.js';

interface Ran { readonly code: number; readonly out: string; readonly err: string }

async function run(...args: string[]): Promise<Ran> {
  let [out, err] = ['', ''];
  const code = await main(args, { out: (text) => { out += text; }, err: (text) => { err += text; }, drained: () => Promise.resolve(), isInteractive: false, columns: 80 });
  return { code, out, err };
}

let dir = '';
const path = (name: string): string => join(dir, name);
const size = ['--days', '12', '--per-day', '600'];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'weir-month-'));
  await run('demo', 'month', '--out', path('month.ndjson.gz'), '--truth', path('truth.csv'), ...size);
});
afterAll(() => rm(dir, { recursive: true, force: true }));
const packs = ['card-testing', 'velocity-controls'].map((pack) => join('rules', pack));

describe('weir demo month', () => {
  it('writes the same bytes for the same options, and says what is in it', async () => {
    const { code, out, err } = await run('demo', 'month', '--out', path('again.ndjson.gz'), '--truth', path('again.csv'), ...size);
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toMatch(/again\.ndjson\.gz: [\d,]+ events of 12 days, \d+ events in \d+ frauds? \(seed weir\)/);
    expect(await readFile(path('again.ndjson.gz'))).toEqual(await readFile(path('month.ndjson.gz')));
    expect(await readFile(path('again.csv'), 'utf8')).toBe(await readFile(path('truth.csv'), 'utf8'));
  });

  it('names the fraud in the truth file only', async () => {
    await run('demo', 'month', '--out', path('plain.ndjson'), ...size);
    const truth = (await readFile(path('truth.csv'), 'utf8')).trim().split('\n');
    expect(truth[0]).toBe('event_id,story,kind,fraud,typology');
    const kinds = new Set(truth.slice(1).map((line) => line.split(',')[2] ?? ''));
    const events = await readFile(path('plain.ndjson'), 'utf8');
    expect([...kinds].filter((kind) => events.includes(kind))).toEqual([]);
  });

  it.each(['0', '1.5', 'ten', '400'])('refuses %s days', async (days) => {
    expect(await run('demo', 'month', '--out', join(tmpdir(), 'unused.ndjson'), '--days', days)).toMatchObject({ code: 2, err: expect.stringContaining('a whole number from 1 to 366') });
  });

  it('says where it cannot write', async () => {
    expect(await run('demo', 'month', '--out', join(tmpdir(), 'no-such-folder', 'month.ndjson'), '--days', '1', '--per-day', '10')).toMatchObject({ code: 2, err: expect.stringContaining('Cannot write: ') });
  });
});

describe('weir backtest --truth', () => {
  it('prints precision and recall of each pack, each rule and each kind of story', async () => {
    const { code, out, err } = await run('backtest', '--rules', ...packs, '--data', path('month.ndjson.gz'), '--truth', path('truth.csv'));
    expect(code).toBe(0);
    expect(`${err}${out}`.match(/[\d,]+ events\b/g)?.filter((text) => !text.startsWith('1,000 '))).toHaveLength(1); // said once, on stdout
    expect(out).toMatch(/^Pack {2,}Rules {2}Alerts {2}per 1,000 events {2}Precision {2,}Caught {2}Recall$/m);
    expect(out).toMatch(/^card-testing +\d+ +\d+ +\d+\.\d\d +\d\.\d\d +\d+ of \d+ +\d\.\d\d$/m);
    expect(out).toMatch(/^micro-probes-then-spend /m);
    expect(out).toMatch(/^[a-z-]+ +honest +\d+ +\d+ +\d\.\d\d$/m);
  });

  it('gives the same figures with --json and with --markdown', async () => {
    const args = ['backtest', '--rules', ...packs, '--data', path('month.ndjson.gz'), '--truth', path('truth.csv')];
    const report = BacktestReport.parse(JSON.parse((await run(...args, '--json')).out));
    const { out } = await run(...args, '--markdown');
    for (const { pack, rules, alerts, perThousand, precision, caught, frauds, recall } of report.stories?.packs ?? []) {
      expect(out).toContain(`| ${pack} | ${rules.length} | ${alerts} | ${perThousand.toFixed(2)} | ${precision?.toFixed(2) ?? '-'} | ${caught} of ${frauds} | ${recall?.toFixed(2) ?? '-'} |`);
    }
    expect(report.positives).toBe(report.stories?.fraudEvents);
    expect(report.stories?.packs.map(({ pack }) => pack)).toEqual(['card-testing', 'velocity-controls']);
  });

  it('counts by the label events of the file when there is no truth file', async () => {
    const { out } = await run('backtest', '--rules', ...packs, '--data', path('month.ndjson.gz'), '--json');
    const report = BacktestReport.parse(JSON.parse(out));
    expect(report.stories).toBeUndefined();
    expect(report.positives).toBeGreaterThan(0);
    expect(report.rules.some(({ truePositives }) => truePositives > 0)).toBe(true);
  });

  it('refuses a truth file without its columns, one of another kind, and tables without one', async () => {
    const args = ['backtest', '--rules', ...packs, '--data', path('month.ndjson.gz')];
    expect(await run(...args, '--truth', path('month.ndjson.gz'))).toMatchObject({ code: 2, err: expect.stringContaining('a truth file ends in .csv') });
    expect(await run(...args, '--truth', path('none.csv'))).toMatchObject({ code: 2, err: expect.stringContaining('there is no such file') });
    expect(await run(...args, '--markdown')).toMatchObject({ code: 2, err: expect.stringContaining('needs --truth') });
  });
});
