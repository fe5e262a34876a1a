/**
 * `npm run -s conformance:handbook -- [--data FILE] [--mapping NAME] [--interpreter] [--seed N] [--slice]`: the known answers on a
 * million card payments, in every way the engines can run. Prints tables in Markdown; the last line is the count.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkHandbook, type HandbookReport } from './check-handbook.js';
import { handbookFrauds, handbookRows, knownAnswers } from './known-answers.js';
import { readHandbook, type HandbookSlice } from './read-handbook.js';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../../../..');
/** Where the data lies unless it is named. */
export const handbookData = resolve(repository, process.env['WEIR_REFERENCE_DIR'] ?? '../shared', 'data/handbook-cards/transactions.csv.gz');
/** The rules of this repository. */
export const handbookRules = join(repository, 'rules');
/** What the tests run: whole histories of so many accounts and terminals that all rules but one fire. */
export const handbookSlice: HandbookSlice = { days: 30, everyAccount: 70, everyTerminal: 400 };

function readOptions() {
  try {
    return parseArgs({ options: {
      data: { type: 'string', default: handbookData }, mapping: { type: 'string' }, interpreter: { type: 'boolean', default: false }, seed: { type: 'string', default: '20180401' }, slice: { type: 'boolean', default: false },
    } }).values;
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : String(cause));
    return undefined;
  }
}

async function main(): Promise<number> {
  const values = readOptions();
  if (values === undefined) {
    console.error('usage: npm run -s conformance:handbook -- [--data FILE] [--mapping NAME] [--interpreter] [--seed N] [--slice]');
    return 2;
  }
  const chosen = knownAnswers.filter(({ mapping }) => values.mapping === undefined || values.mapping === mapping);
  if (chosen.length === 0) {
    console.error(`there is no mapping ${values.mapping ?? ''}; known are ${knownAnswers.map(({ mapping }) => mapping).join(' and ')}`);
    return 2;
  }
  if (!existsSync(values.data)) {
    console.error(`${values.data} does not exist; --data names the file, WEIR_REFERENCE_DIR the folder above it`);
    return 2;
  }
  const counts = { passed: 0, failed: 0 };
  for (const known of chosen) {
    const run = await readHandbook(values.data, handbookRules, known, values.slice ? handbookSlice : undefined);
    const events = run.items.filter(({ derived }) => derived !== true);
    if (!values.slice && (events.length !== handbookRows || events.filter(({ isFraud }) => isFraud === true).length !== handbookFrauds)) throw new Error(`${events.length} rows: it is another file`);
    const report = await checkHandbook(run, known, {
      isWhole: !values.slice, withInterpreter: values.interpreter, seed: Number(values.seed), cuts: 10,
      onVariant: (name, { cpuMs, snapshotBytes }) => console.error(`${known.mapping} ${name}: ${(cpuMs / 1000).toFixed(1)} s CPU${snapshotBytes.length > 0 ? `, snapshots of ${snapshotBytes.map((bytes) => `${(bytes / 1e6).toFixed(1)}`).join(', ')} MB` : ''}`),
    });
    console.log(reportText(report));
    for (const failure of report.failures) console.log(`FAILED ${failure}`);
    counts.passed += report.passed;
    counts.failed += report.failures.length;
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 ? 0 : 1;
}

function reportText(report: HandbookReport): string {
  const variants = [...(report.rows[0]?.byVariant.keys() ?? [])];
  const header = ['Rule', 'Known', ...variants, 'Gained by peers', 'Lost by peers'];
  const number = (value: number | undefined): string => value?.toLocaleString('en-GB') ?? '';
  const rows = report.rows.map(({ name, known, byVariant, peers }) => [name, number(known), ...variants.map((variant) => number(byVariant.get(variant))), number(peers?.gained), number(peers?.lost)]);
  const out = [...report.outOfOrder].map(([name, count]) => `${number(count)} in "${name}"`).join(', ');
  return [
    `${report.mapping}: ${number(report.entries)} entries, ${number(report.tied)} share their ms with another; out of order: ${out}.`,
    '', ...[header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`), '',
  ].join('\n');
}

if (process.argv[1]?.endsWith('handbook-conformance.js') === true) process.exitCode = await main();
