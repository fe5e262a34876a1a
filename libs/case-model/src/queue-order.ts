/** An alert is urgent from this long before its SLA ends, ms. */
export const urgentBeforeMs = 15 * 60_000;

/** What the order of the queue looks at. */
export interface QueueEntry {
  readonly id: string;
  readonly score: number;
  /** Event time, epoch ms. */
  readonly ts: number;
  readonly slaDueAt: number;
}

/** Past its SLA, or at most 15 minutes before it. */
export const isUrgent = (slaDueAt: number, now: number): boolean => slaDueAt <= now + urgentBeforeMs;

/**
 * The order of the queue and of take-next: urgent first, then the higher score, then the older event, then the id.
 *
 * Total and stable for one `now`; {@link queueOrderSql} is the same order for the store.
 */
export function compareQueueEntries(a: QueueEntry, b: QueueEntry, now: number): number {
  const urgency = Number(isUrgent(b.slaDueAt, now)) - Number(isUrgent(a.slaDueAt, now));
  if (urgency !== 0) return urgency;
  if (a.score !== b.score) return b.score - a.score;
  if (a.ts !== b.ts) return a.ts - b.ts;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/**
 * {@link compareQueueEntries} as the text of an ORDER BY over columns `sla_due_at`, `score`, `ts`, `id`.
 *
 * @param now placeholder or expression of the instant, epoch ms.
 */
export const queueOrderSql = (now: string): string => `(sla_due_at > ${now} + ${urgentBeforeMs}), ${queueOrderOfOneUrgencySql}`;

/** The same order among alerts that are all urgent, or all not: what an index can follow. */
export const queueOrderOfOneUrgencySql = 'score desc, ts, id collate "C"';

/** Why this alert came first, for the line over it: `SLA in 08:12, score 92`. */
export function takeNextReason(entry: QueueEntry, now: number): string {
  const leftMs = entry.slaDueAt - now;
  const minutes = Math.floor(Math.abs(leftMs) / 60_000);
  const sla = leftMs < 0 ? `SLA over since ${minutes} min` : `SLA in ${minutes} min`;
  return `${sla}, score ${entry.score}`;
}
