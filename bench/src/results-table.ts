import { readFileSync, writeFileSync } from 'node:fs';
import type { Spread } from './measure.js';

/** What the table shows of a scenario. */
export interface TabledScenario { readonly name: string; readonly events: number; readonly alerts: number; readonly nsPerEvent: Readonly<Record<string, Spread>>; readonly memoryMb?: Readonly<Record<string, number>> | undefined }

const begin = '<!-- results: written by `npm run bench -- --readme` -->';
const end = '<!-- end of results -->';

/** The README's results section for these scenarios, as Markdown. */
export function resultsTable(scenarios: readonly TabledScenario[], host: Readonly<Record<string, unknown>>): string {
  const lines = ['| scenario | events, alerts | contender | ns per event: median (least to most) | memory, MB |', '|---|---|---|---|---|'];
  for (const { name, events, alerts, nsPerEvent, memoryMb } of scenarios) {
    for (const [contender, { median, min, max }] of Object.entries(nsPerEvent)) {
      lines.push(`| ${name} | ${events.toLocaleString('en')}, ${alerts.toLocaleString('en')} | ${contender} | ${whole(median)} (${whole(min)} to ${whole(max)}) | ${memoryMb?.[contender] ?? ''} |`);
    }
  }
  return [...lines, '', `Host: ${Object.entries(host).map(([name, value]) => `${name} ${String(value)}`).join(', ')}. The load is that of the whole machine at the end of the run.`].join('\n');
}

function whole(ns: number): string { return Math.round(ns).toLocaleString('en'); }

/** Puts the table between the marks of a file. Throws when it has none. */
export function writeResults(file: URL, table: string): void {
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file.pathname} has no place for results`);
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`);
}
