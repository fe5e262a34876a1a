import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRows } from '@weir/connectors';
import { eventsWithLabels, parseMapping, type Row } from '@weir/ingest';
import { compileRule, parseSchema, type EventSchema, type TypedRule } from '@weir/rule-lang';
import { emptyFileCounts, historyOfFile } from '../../backtest/history-of-file.js';
import type { HistoryItem } from '../../backtest/run-backtest.js';
import type { KnownAnswers } from './known-answers.js';

/** One mapping's events and labels as a log holds them, and the rules that are run over them. */
export interface HandbookRun {
  readonly schema: EventSchema;
  readonly rules: readonly TypedRule[];
  /** In seq order, which is here the order of ts too; none is late. */
  readonly items: readonly HistoryItem[];
}

/** Which rows of the file are taken: all, or a slice that keeps whole histories of some accounts and of some terminals. */
export interface HandbookSlice {
  readonly days: number;
  /** Accounts and terminals whose number is divisible by these. */
  readonly everyAccount: number;
  readonly everyTerminal: number;
}

/** Compiles the rules and reads the file by its mapping, the way `weir backtest` does. Throws on the first thing that is not as expected. */
export async function readHandbook(data: string, rulesDir: string, known: KnownAnswers, slice?: HandbookSlice): Promise<HandbookRun> {
  const text = (file: string): Promise<string> => readFile(join(rulesDir, file), 'utf8');
  const { schema } = parseSchema(await text('schema.yaml'), 'schema.yaml');
  const { mapping } = parseMapping(await text(`handbook/${known.mapping}`), known.mapping);
  if (schema === undefined || mapping === undefined) throw new Error('the schema or the mapping is refused');
  const rules = await Promise.all(known.rules.map(async (id) => {
    const { rule, diagnostics } = compileRule(await text(`handbook/${id}.yaml`), `${id}.yaml`, { schema });
    if (rule === undefined) throw new Error(`${id}: ${diagnostics[0]?.message ?? 'refused'}`);
    return rule;
  }));
  const counts = emptyFileCounts();
  const items: HistoryItem[] = [];
  const rows = slice === undefined ? readRows(data) : sliceOf(readRows(data), slice);
  for await (const batch of historyOfFile(eventsWithLabels(rows, mapping, schema), schema, counts, { maxOutOfOrdernessMs: 60_000 })) items.push(...batch);
  if (counts.late + counts.duplicate + counts.rejected > 0) throw new Error(`${counts.late} late, ${counts.duplicate} duplicate, ${counts.rejected} rejected rows: it is another file`);
  return { schema, rules, items };
}

async function* sliceOf(rows: AsyncIterable<readonly Row[]>, { days, everyAccount, everyTerminal }: HandbookSlice): AsyncGenerator<readonly Row[]> {
  let endTs = NaN;
  const divides = (by: number, cell: string | undefined): boolean => Number(cell?.slice(1)) % by === 0;
  for await (const batch of rows) {
    const taken: Row[] = [];
    for (const row of batch) {
      if (row.kind !== 'csv') throw new Error(`line ${row.line} cannot be read`);
      const [, ts = '', account, terminal] = row.cells;
      if (Number.isNaN(endTs)) endTs = Date.parse(ts) + days * 86_400_000;
      if (Date.parse(ts) >= endTs) { yield taken; return; }
      if (divides(everyAccount, account) || divides(everyTerminal, terminal)) taken.push(row);
    }
    yield taken;
  }
}
