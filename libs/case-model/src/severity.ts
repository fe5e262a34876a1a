import type { Priority, Severity } from '@weir/contracts';

/** From the mildest to the gravest; the number is what storage keeps and SQL sorts by. */
export const severityRank: Readonly<Record<Severity, number>> = { low: 1, medium: 2, high: 3, critical: 4 };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Time to a decision, by severity, ms. */
const slaSpanMs: Readonly<Record<Severity, number>> = { critical: 30 * minuteMs, high: 4 * hourMs, medium: 24 * hourMs, low: 72 * hourMs };

/** Instant by which an alert must be decided: its arrival in the store (the clock of people, not event time) plus the span of its severity. */
export const slaDueAt = (severity: Severity, receivedAt: number): number => receivedAt + slaSpanMs[severity];

/** The graver of two; a case takes the gravest severity of its alerts as its priority. */
export const graver = (a: Priority, b: Priority): Priority => (severityRank[a] >= severityRank[b] ? a : b);
