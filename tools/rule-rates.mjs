// Runs the two commands of rules/README.md (a generated month, a backtest over it) and shows what they print.
//   node tools/rule-rates.mjs [--write | --check]
// --check ends with 1 unless rules/README.md shows exactly this.
// --write puts it into rules/README.md, the rates of each rule into its pack's README and its own file, and what the same commands print
// for a small month into tools/rule-rates.expected.md, which the tests reproduce. Needs `npm run build` (or tsc -b apps/cli).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const text = (path) => readFileSync(join(root, path), 'utf8');
const packs = readdirSync(join(root, 'rules'), { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'handbook').map(({ name }) => name).sort();
const small = ['--days', '5', '--per-day', '2000'];

/** What the backtest prints over a month made with these options. */
function printed(options) {
  const dir = mkdtempSync(join(tmpdir(), 'weir-rates-'));
  const weir = (...args) => execFileSync(process.execPath, [join(root, 'apps/cli/bin/weir.mjs'), ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [data, truth] = [join(dir, 'month.ndjson.gz'), join(dir, 'month.truth.csv')];
    weir('demo', 'month', '--out', data, '--truth', truth, ...options);
    return weir('backtest', '--rules', ...packs.map((pack) => `rules/${pack}`), '--data', data, '--truth', truth, '--markdown').trimEnd();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function write(path, change) {
  const before = text(path);
  const after = change(before);
  if (after !== before) writeFileSync(join(root, path), after);
}

function between(marks, content) {
  return (page) => {
    const [open, close] = marks;
    if (!page.includes(open) || !page.includes(close)) throw new Error(`the page lacks ${open} or ${close}`);
    return `${page.split(open)[0]}${open}\n${content}\n${close}${page.split(close)[1]}`;
  };
}

const month = printed([]);
console.log(month);
if (process.argv.includes('--check') && !text('rules/README.md').includes(`<!-- rates -->\n${month}\n<!-- /rates -->`)) {
  console.error('rules/README.md shows something else: node tools/rule-rates.mjs --write');
  process.exitCode = 1;
}
if (process.argv.includes('--write')) {
  // A pack and a kind of fraud may have one name: the tables of packs and rules come before that of the stories.
  const rows = new Map(month.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.slice(2, -2).split(' | ')).reverse().map((cells) => [cells[0], cells]));
  write('rules/README.md', between(['<!-- rates -->', '<!-- /rates -->'], month));
  // Its first two parts: the sentence and the table of packs.
  write('rules/README.md', between(['<!-- unseen -->', '<!-- /unseen -->'], printed(['--seed', 'unseen']).split('\n\n').slice(0, 2).join('\n\n')));
  for (const pack of packs) {
    const [, , , rate, precision, caught, recall] = rows.get(pack);
    write(`rules/${pack}/README.md`, (page) => page
      .replace(/Expected on the demo month: [^;]*;/, `Expected on the demo month: ${rate} alerts per 1,000 events, precision ${precision}, recall ${recall} (${caught} frauds);`)
      .replace(/^\| \[([a-z-]+)\]\((.*)\) \| (.*) \| [^|]* \| [^|]* \| [^|]* \|$/gm, (_, rule, file, fires) => {
        const [, severity, , perThousand, right] = rows.get(rule);
        return `| [${rule}](${file}) | ${fires} | ${severity} | ${perThousand} | ${right} |`;
      }));
    for (const file of readdirSync(join(root, 'rules', pack)).filter((name) => name.endsWith('.yaml'))) {
      const [, , , perThousand, right] = rows.get(file.slice(0, -5));
      const line = `# Expected on the demo month: ${perThousand} alerts per 1,000 events, precision ${right} (../README.md says how that is counted).\n`;
      write(`rules/${pack}/${file}`, (rule) => rule.replace(/^# Expected on the demo month: .*\n/m, '').replace(/^owner: /m, `${line}owner: `));
    }
  }
  writeFileSync(join(root, 'tools/rule-rates.expected.md'), `${printed(small)}\n`);
}
