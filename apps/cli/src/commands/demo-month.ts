import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createMonth, typologyOf, type TrafficEvent } from '@weir/demo-traffic';
import { truthHeader, truthLine } from '../backtest/truth-file.js';
import { plural } from '../terminal/diagnostic-text.js';
import { CommandError, exitCode, type Terminal } from '../terminal/terminal.js';

export interface DemoMonthOptions {
  readonly out: string;
  readonly truth?: string | undefined;
  readonly days: string;
  readonly perDay: string;
  readonly seed: string;
}

const linesAtOnce = 2_000;

/**
 * `weir demo month`: writes generated history as NDJSON, as a payment system would have sent it, and beside it what each event
 * was part of. The same options give the same bytes.
 */
export async function demoMonth(options: DemoMonthOptions, terminal: Terminal): Promise<number> {
  const days = readCount(options.days, '--days', 366);
  const perDay = readCount(options.perDay, '--per-day', 10_000_000);
  const truth = [truthHeader];
  const frauds = new Set<string>();
  let [events, inFraud] = [0, 0];
  function* lines(): Generator<string> {
    for (const traffic of createMonth(options.seed, days, perDay)) {
      events += 1;
      const line = truthOf(traffic);
      if (line !== undefined) truth.push(line);
      if (traffic.fraudScenario !== undefined) {
        inFraud += 1;
        frauds.add(traffic.story ?? traffic.event.id);
      }
      yield JSON.stringify(traffic.event);
    }
  }
  try {
    await writeLines(options.out, lines());
    if (options.truth !== undefined) await writeLines(options.truth, truth);
  } catch (cause) {
    if (typeof cause !== 'object' || cause === null || !('syscall' in cause && 'message' in cause)) throw cause;
    throw new CommandError(`Cannot write: ${String(cause.message)}`, { cause });
  }
  terminal.err(`${options.out}: ${plural(events, 'event')} of ${plural(days, 'day')}, ${plural(inFraud, 'event')} in ${plural(frauds.size, 'fraud')} (seed ${options.seed})\n`);
  return exitCode.ok;
}

/** What the truth file says of an event; undefined for everyday ones. */
function truthOf({ event, fraudScenario, lookalike, story }: TrafficEvent): string | undefined {
  const kind = fraudScenario ?? lookalike;
  if (kind === undefined) return undefined;
  return truthLine(event.id, { id: story ?? event.id, kind, isFraud: fraudScenario !== undefined, typology: fraudScenario === undefined ? undefined : typologyOf[fraudScenario] });
}

function readCount(text: string, option: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most) throw new CommandError(`${option} ${text}: a whole number from 1 to ${most.toLocaleString('en-GB')}.`);
  return value;
}

/** Lines into a file, gzipped where its name ends in `.gz`. */
async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const file = createWriteStream(path);
  const text = Readable.from(batches(lines));
  await (path.endsWith('.gz') ? pipeline(text, createGzip(), file) : pipeline(text, file));
}

function* batches(lines: Iterable<string>): Generator<string> {
  let batch: string[] = [];
  for (const line of lines) {
    batch.push(line);
    if (batch.length < linesAtOnce) continue;
    yield `${batch.join('\n')}\n`;
    batch = [];
  }
  if (batch.length > 0) yield `${batch.join('\n')}\n`;
}
