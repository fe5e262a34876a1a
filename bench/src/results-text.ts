import { readFileSync, writeFileSync } from 'node:fs';
import type { BenchmarkResult } from './benchmark.js';
import type { Spread } from './measure.js';

const begin = '<!-- results: written by `npm run bench -- --readme` -->';
const end = '<!-- end of results -->';

/** The README's results section, as Markdown. */
export function resultsText({ scenarios, latencyUs, memory, checkpoint }: BenchmarkResult, host: Readonly<Record<string, unknown>>): string {
  const lines = ['CPU ns per event: median (least to most) of the rounds.', '', '| scenario | events, alerts | engine | compared with | its figure | ratio, round by round |', '|---|---|---|---|---|---|'];
  for (const { name, events, alerts, engineSpread, rivalSpreads, ratios, cost } of scenarios) {
    const head = `| ${name} | ${whole(events)}, ${whole(alerts)} | ${ranged(engineSpread)}`;
    for (const [rival, ns] of Object.entries(rivalSpreads)) lines.push(`${head} | ${rival} | ${ranged(ns)} | **${ratioText(ratios[rival as keyof typeof ratios])}** |`); // the same names
    if (cost !== undefined) lines.push(`${head} | ${cost.comparedWith} | | **${ratioText(cost.times)}**, at most ${cost.atMost} |`);
  }
  for (const { name, absent } of scenarios) for (const [rival, why] of Object.entries(absent)) lines.push('', `${name}: ${rival} was not run (${why}).`);
  for (const { name, memoryMb } of scenarios) lines.push('', `Memory of the processes, MB, ${name}: ${Object.entries(memoryMb).map(([who, mb]) => `${who} ${whole(mb)}`).join(', ')}.`);
  if (latencyUs !== undefined) lines.push('', `Latency in process, open loop at half load (${whole(latencyUs.ratePerSecond)} events a second, ${whole(latencyUs.events)} events), us: p50 ${latencyUs.p50}, p99 ${latencyUs.p99}, p99.9 ${latencyUs.p999}, most ${latencyUs.max}.`);
  if (memory !== undefined) lines.push('', `State: ${whole(memory.liveEvents)} live events, ${whole(memory.keys)} keys, ${memory.bytesPerLiveEvent} bytes a live event with everything; resident ${whole(memory.rssMb)} MB.`);
  if (checkpoint !== undefined) lines.push('', `Checkpoint of that state: ${whole(checkpoint.bytes / 2 ** 20)} MB in ${whole(checkpoint.slices)} slices, worst stall ${checkpoint.worstStallMs} ms (${checkpoint.worstStallRunningMs} ms where waiting for a core does not count), restored in ${whole(checkpoint.restoreMs)} ms.`);
  return [...lines, '', `Host: ${Object.entries(host).map(([name, value]) => `${name} ${String(value)}`).join(', ')}.`].join('\n');
}

function whole(value: number): string { return Math.round(value).toLocaleString('en'); }
function ranged({ median, min, max }: Spread): string { return `${whole(median)} (${whole(min)} to ${whole(max)})`; }
function ratioText(ratio: Spread | undefined): string { return ratio === undefined ? '' : `${ratio.median} (${ratio.min} to ${ratio.max})`; }

/** Puts the text between the marks of a file. Throws when it has none. */
export function writeResults(file: URL, results: string): void {
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file.pathname} has no place for results`);
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n${results}\n${text.slice(to)}`);
}
