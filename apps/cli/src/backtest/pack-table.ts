import type { BacktestPack, BacktestPackRule, BacktestStories } from '@weir/contracts';

type Row = readonly string[];

/** The figures per pack, per rule and per kind of story, as text in columns for a terminal. */
export function packText(stories: BacktestStories): string {
  return [summary(stories), ...tables(stories).map(({ rows, right }) => aligned(rows, right))].join('\n\n');
}

/** The same as Markdown, for a README: what the command prints is what stands there. */
export function packMarkdown(stories: BacktestStories): string {
  return [summary(stories), ...tables(stories).map(({ rows, right }) => markdown(rows, right))].join('\n\n');
}

function summary({ events, fraudEvents, frauds, alerts, precision, recall }: BacktestStories): string {
  return `${count(events)} events, ${count(fraudEvents)} of them part of ${count(frauds)} frauds; ${count(alerts)} alerts, precision ${share(precision)}, ${share(recall)} of the frauds caught.`;
}

/** `right`: first column that is aligned to the right; those after it too, up to the last that holds a text. */
function tables({ packs, kinds }: BacktestStories): readonly { readonly rows: readonly Row[]; readonly right: readonly number[] }[] {
  const score = (row: BacktestPack | BacktestPackRule): Row => [count(row.alerts), row.perThousand.toFixed(2), share(row.precision), `${count(row.caught)} of ${count(row.frauds)}`, share(row.recall)];
  const packRows = packs.map((pack) => [pack.pack, String(pack.rules.length), ...score(pack)]);
  const ruleRows = packs.flatMap((pack) => pack.rules.map((rule) => [rule.rule, rule.severity, ...score(rule), rule.falsePositives.map(({ kind, alerts }) => `${kind} ${alerts}`).join(', ') || '-']));
  const kindRows = kinds.map(({ kind, fraud, typology, stories, alerted }) => [kind, fraud ? `fraud: ${typology ?? 'any'}` : 'honest', count(stories), count(alerted), share(stories === 0 ? null : alerted / stories)]);
  return [
    { rows: [['Pack', 'Rules', 'Alerts', 'per 1,000 events', 'Precision', 'Caught', 'Recall'], ...packRows], right: [1, 2, 3, 4, 5, 6] },
    { rows: [['Rule', 'Severity', 'Alerts', 'per 1,000 events', 'Precision', 'Caught', 'Recall', 'False positives'], ...ruleRows], right: [2, 3, 4, 5, 6] },
    { rows: [['Story', 'What it is', 'Told', 'With an alert', 'Share'], ...kindRows], right: [2, 3, 4] },
  ];
}

function aligned(rows: readonly Row[], right: readonly number[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((cell, column) => (right.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd()).join('\n');
}

function markdown(rows: readonly Row[], right: readonly number[]): string {
  const [header = [], ...rest] = rows;
  const line = (cells: Row): string => `| ${cells.join(' | ')} |`;
  return [line(header), `|${header.map((_, column) => (right.includes(column) ? '---:' : '---')).join('|')}|`, ...rest.map(line)].join('\n');
}

function count(value: number): string { return value.toLocaleString('en-GB'); }
function share(value: number | null): string { return value?.toFixed(2) ?? '-'; }
