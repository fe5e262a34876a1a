import type { LogEntry } from '@weir/contracts';
import type { LogReader } from '@weir/stream-core';
import type { HistoryItem } from './run-backtest.js';

/** A stretch of a log. */
export interface LogRange {
  /** Events dated before only build up state; epoch ms. */
  readonly fromTs: number;
  /** How far back the rules look, ms. */
  readonly spanMs: number;
  /** Allowed disorder of the log, ms: an event dated `fromTs` may still see what lies that much further back. */
  readonly maxOutOfOrdernessMs: number;
  /** Last entry to read. */
  readonly endSeq: number;
  /** True: the rules look at lists, so every list change of the log is told first. Costs a pass over the older log. */
  readonly needsLists: boolean;
}

/**
 * The newest word on each event that a label of the log speaks of: labels come after their event, so they are collected in a
 * pass of their own before the run. Memory: one entry per label.
 */
export async function labelsOfLog(log: LogReader, range: LogRange): Promise<ReadonlyMap<string, boolean>> {
  const labels = new Map<string, boolean>();
  for await (const entries of log.read(await log.seqAfterTs(Math.max(0, range.fromTs - 1)))) {
    for (const entry of entries) {
      if (entry.seq > range.endSeq) return labels;
      if (entry.kind !== 'event' || entry.type !== 'label') continue;
      const { event_id: eventId, fraud } = entry.fields;
      if (typeof eventId === 'string' && typeof fraud === 'boolean') labels.set(eventId, fraud);
    }
  }
  return labels;
}

/** The log from far enough back that every event dated `fromTs` or later sees whole windows. Rule-set entries are left out. */
export async function* historyOfLog(log: LogReader, range: LogRange, labels: ReadonlyMap<string, boolean>): AsyncGenerator<readonly HistoryItem[]> {
  const warmFromTs = range.fromTs - range.spanMs - range.maxOutOfOrdernessMs - 1;
  const warmFromSeq = Math.max(log.firstSeq(), warmFromTs > 0 ? await log.seqAfterTs(warmFromTs) : 1);
  if (range.needsLists && warmFromSeq > log.firstSeq()) yield* listsBefore(log, warmFromSeq);
  for await (const entries of log.read(warmFromSeq)) {
    const items = entries.flatMap((entry) => (entry.seq > range.endSeq || entry.kind === 'rules' ? [] : [asItem(entry, range.fromTs, labels)]));
    if (items.length > 0) yield items;
    if ((entries.at(-1)?.seq ?? 0) >= range.endSeq) return;
  }
}

async function* listsBefore(log: LogReader, endSeq: number): AsyncGenerator<readonly HistoryItem[]> {
  for await (const entries of log.read(log.firstSeq())) {
    yield entries.flatMap((entry) => (entry.kind === 'list' && entry.seq < endSeq ? [{ entry, warming: true }] : []));
    if ((entries.at(-1)?.seq ?? 0) >= endSeq) return;
  }
}

function asItem(entry: LogEntry, fromTs: number, labels: ReadonlyMap<string, boolean>): HistoryItem {
  if (entry.ts < fromTs) return { entry, warming: true };
  return entry.kind === 'event' ? { entry, isFraud: labels.get(entry.id), derived: entry.type === 'label' } : { entry };
}
