import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { main } from '../apps/cli/src/main.js';

const read = (path: string): Promise<string> => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
let dir = '';
beforeAll(async () => { dir = await mkdtemp(join(tmpdir(), 'weir-rates-')); });
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Runs a command line as the page shows it, with its files in a folder of their own. */
async function run(line: string, more: readonly string[] = []): Promise<string> {
  let [out, err] = ['', ''];
  const args = line.replace(/^npx weir /, '').split(/\s+/).map((word) => (/^month\./.test(word) ? join(dir, word) : word));
  const code = await main([...args, ...more], { out: (text) => { out += text; }, err: (text) => { err += text; }, drained: () => Promise.resolve(), isInteractive: false, columns: 80 });
  expect({ line, code, err: code === 0 ? '' : err }).toEqual({ line, code: 0, err: '' });
  return out.trimEnd();
}

/** The two commands of the page, with these options for the month. */
async function reproduce(options: readonly string[]): Promise<string> {
  const [, block = ''] = /```sh\n(npx weir demo month [\s\S]*?)```/.exec(await read('rules/README.md')) ?? [];
  const [month = '', backtest = ''] = block.replaceAll('\\\n', ' ').trim().split('\n');
  await run(month, options);
  return run(backtest);
}

const tableOf = (page: string): string => /<!-- rates -->\n([\s\S]*?)\n<!-- \/rates -->/.exec(page)?.[1] ?? '';

describe('the rates in rules/README.md', () => {
  it('come from its two commands: over a small month they print what was recorded', async () => {
    expect(await reproduce(['--days', '5', '--per-day', '2000'])).toBe((await read('tools/rule-rates.expected.md')).trimEnd());
  });

  it('stand in the pages of the packs and in the rule files too', async () => {
    const rows = tableOf(await read('rules/README.md')).split('\n').map((line) => line.slice(2, -2).split(' | '));
    const packs = rows.slice(rows.findIndex(([first]) => first === 'Pack') + 2).slice(0, 6);
    expect(packs).toHaveLength(6);
    for (const [pack = '', rules, , rate = '', precision = ''] of packs) {
      const page = await read(`rules/${pack}/README.md`);
      expect(page).toContain(`Expected on the demo month: ${rate} alerts per 1,000 events, precision ${precision}, recall `);
      const files = (await readdir(new URL(`../rules/${pack}/`, import.meta.url))).filter((name) => name.endsWith('.yaml'));
      expect({ pack, rules }).toEqual({ pack, rules: String(files.length) });
      for (const file of files) {
        const [, severity, , perThousand, right] = rows.find(([rule]) => rule === file.slice(0, -5)) ?? [];
        expect(page).toContain(`(${file}) | `);
        expect(page).toContain(` | ${severity} | ${perThousand} | ${right} |`);
        expect(await read(`rules/${pack}/${file}`)).toContain(`# Expected on the demo month: ${perThousand} alerts per 1,000 events, precision ${right} `);
      }
    }
  });

  it('show packs that are worth their alerts: four in five frauds of their own caught, two alerts in three right', async () => {
    const rows = tableOf(await read('rules/README.md')).split('\n').map((line) => line.slice(2, -2).split(' | '));
    const packs = rows.slice(rows.findIndex(([first]) => first === 'Pack') + 2).slice(0, 6);
    expect(packs.filter(([, , , , precision, , recall]) => Number(precision) < 0.66 || Number(recall) < 0.8)).toEqual([]);
  });
});
