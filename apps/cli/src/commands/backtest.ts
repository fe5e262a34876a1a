import type { BacktestReport, BacktestRule } from '@weir/contracts';
import { embeddedEngine, emptyFileCounts, historyOfFile, PackTally, runBacktest, type Combination, type FileCounts, type HistoryItem, type Story } from '@weir/pipeline';
import { defaultEngineOptions } from '@weir/rule-engine';
import type { TypedRule } from '@weir/rule-lang';
import { packMarkdown, packText } from '../backtest/pack-table.js';
import { readTruth } from '../backtest/truth-file.js';
import { asCommandError, mappingFor, openEventFile } from '../event-file/open-event-file.js';
import { loadRules } from '../rules/load-rules.js';
import { diagnosticText, plural } from '../terminal/diagnostic-text.js';
import { ProgressBar } from '../terminal/progress-bar.js';
import { CommandError, exitCode, type Terminal } from '../terminal/terminal.js';

export interface BacktestOptions {
  readonly rules: readonly string[];
  /** Default: `schema.yaml` beside or above the rules. */
  readonly schema?: string | undefined;
  readonly data: string;
  /** Default: events of an NDJSON file in Weir's own form. */
  readonly map?: string | undefined;
  /** CSV of what each event was part of: figures per pack. */
  readonly truth?: string | undefined;
  readonly markdown?: boolean | undefined;
  /** `NAME=RULE,RULE` */
  readonly any: readonly string[];
  readonly json?: boolean | undefined;
}

/** `weir backtest`: runs rules over a file and counts. The report goes to stdout, everything else to stderr. */
export async function backtest(options: BacktestOptions, terminal: Terminal): Promise<number> {
  const { schema, files, rules, diagnostics, sources } = await loadRules(options.rules, options.schema);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  for (const error of errors) terminal.err(`${diagnosticText(error, sources.get(error.file))}\n`);
  if (!schema || errors.length > 0) throw new CommandError(`${plural(errors.length, 'error')} in the rules or the schema.`);
  if (rules.length === 0) throw new CommandError(`There is no rule to run in ${options.rules.join(', ')}.`);
  const combinations = readCombinations(options.any, rules);
  if (options.markdown && options.truth === undefined) throw new CommandError('--markdown prints the figures per pack: it needs --truth FILE.');
  const mapping = await mappingFor(options.data, options.map, schema, terminal);
  const truth = options.truth === undefined ? undefined : await readTruth(options.truth).catch((cause: unknown) => { throw asCommandError(cause); });
  const packOf = new Map(files.map(({ path, pack }) => [path, pack]));
  const packs = truth && new PackTally(rules.map((rule) => ({ rule, pack: packOf.get(rule.file) ?? '' })), (id) => truth.get(id));
  const file = openEventFile(options.data, mapping, schema);
  const counts = emptyFileCounts();
  const bar = new ProgressBar(terminal, 'backtest', () => performance.now());
  try {
    const report = await runBacktest({
      rules, schema, combinations,
      events: withTruth(historyOfFile(file.items, schema, counts, defaultEngineOptions), truth),
      makeEngine: (definition) => embeddedEngine.create(definition),
      clock: () => performance.now(),
      ...(packs === undefined ? {} : { onEvent: (event) => packs.event(event), onAlert: (alert) => packs.alert(alert), options: { evidence: 'full' } }),
      onProgress: (events) => bar.show(file.share(), events),
    });
    bar.end();
    const stories = packs?.report();
    terminal.err(sourceText(counts, options.json === true));
    if (options.json) terminal.out(`${JSON.stringify(stories === undefined ? report : { ...report, stories })}\n`);
    else if (stories === undefined) terminal.out(reportText(report));
    else terminal.out(`${options.markdown ? packMarkdown(stories) : packText(stories)}\n`);
    return exitCode.ok;
  } catch (cause) {
    bar.end();
    throw asCommandError(cause);
  }
}

/** Lets a truth file say which events are fraud; without one, what the source says stays. */
async function* withTruth(history: AsyncIterable<readonly HistoryItem[]>, truth: ReadonlyMap<string, Story> | undefined): AsyncGenerator<readonly HistoryItem[]> {
  for await (const items of history) {
    yield truth === undefined ? items : items.map(({ entry, warming, derived }) => ({ entry, warming, derived, isFraud: entry.kind === 'event' && truth.get(entry.id)?.isFraud === true }));
  }
}

/** `C1=H1,H2b`: rule ids without regard to case, or the name of a combination before it. */
export function readCombinations(texts: readonly string[], rules: readonly TypedRule[]): Combination[] {
  const known = new Map<string, readonly string[]>(rules.map(({ id }) => [id.toLowerCase(), [id]]));
  return texts.map((text) => {
    const [name = '', members = '', ...rest] = text.split('=');
    if (name === '' || members === '' || rest.length > 0) throw new CommandError(`--any ${text}: write NAME=RULE,RULE`);
    const ids = members.split(',').flatMap((member) => {
      const found = known.get(member.trim().toLowerCase());
      if (!found) throw new CommandError(`--any ${text}: there is no rule ${member.trim()}; there are ${rules.map(({ id }) => id).join(', ')}.`);
      return found;
    });
    const combination = { name, rules: [...new Set(ids)] };
    if (!known.has(name.toLowerCase())) known.set(name.toLowerCase(), combination.rules);
    return combination;
  });
}

/** What was in the file besides the events of the report; those too where the report is for a machine. Nothing to say: nothing. */
function sourceText(counts: FileCounts, withEvents: boolean): string {
  const refusals = counts.refusals.map((one) => `  ${'line' in one ? `line ${one.line}` : `label of ${one.of}`}: ${one.refusal.code}: ${one.refusal.message}\n`).join('');
  const more = counts.rejected > counts.refusals.length ? `  and ${counts.rejected - counts.refusals.length} more\n` : '';
  const parts = [
    ...(withEvents ? [plural(counts.accepted, 'event')] : []), ...(counts.labels > 0 ? [plural(counts.labels, 'label')] : []), ...(counts.late > 0 ? [`${counts.late} late`] : []),
    ...(counts.duplicate > 0 ? [`${counts.duplicate} duplicate`] : []), ...(counts.rejected > 0 ? [`${counts.rejected} rejected`] : []),
  ];
  return parts.length === 0 ? '' : `In the file: ${parts.join(', ')}\n${refusals}${more}`;
}

function reportText(report: BacktestReport): string {
  const rows = [...report.rules, ...report.combinations].map((row) => [row.rule, row.alerts.toLocaleString('en-GB'), row.truePositives.toLocaleString('en-GB'), share(row, 'precision'), share(row, 'recall')]);
  const table = [['rule', 'alerts', 'of which fraud', 'precision', 'recall'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = table.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '));
  const events = `${report.events.toLocaleString('en-GB')} events, ${report.positives.toLocaleString('en-GB')} labelled fraud, ${(report.tookMs / 1000).toFixed(1)} s, ${report.eventsPerSecond.toLocaleString('en-GB')} events/s`;
  return `${lines.join('\n')}\n${events}\n`;
}

function share(row: BacktestRule, name: 'precision' | 'recall'): string { return row[name]?.toFixed(3) ?? '-'; }
