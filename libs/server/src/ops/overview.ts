import type { Overview, Severity } from '@weir/contracts';
import type { DataSource } from 'typeorm';
import { openBySeverity } from '../alerts/alert-queries.js';
import { presentFor, recordColumns, severityOfRank } from '../alerts/alert-record.js';
import type { AlertRecord, Audience } from '../alerts/alert-record.js';
import type { OpsPort } from '../ports.js';

const minuteMs = 60_000;
const shownMinutes = 60;

/** What is happening now: figures of the pipeline joined with those of the case store. */
export async function readOverview(store: DataSource, ops: OpsPort, alertsPerMinute: number, now: number, audience: Audience): Promise<Overview> {
  const start = (Math.floor(now / minuteMs) - shownMinutes + 1) * minuteMs;
  const [open, [sla], perMinute, newest] = await Promise.all([
    openBySeverity(store.manager),
    store.query<{ past: number; next: number | null }[]>(`select count(*) filter (where sla_due_at <= $1)::int as past, min(sla_due_at) filter (where sla_due_at > $1) as next from alerts where status = 'open' and mode = 'live'`, [now]),
    store.query<{ minute: number; severity: number; n: number }[]>(`select received_at / ${minuteMs} as minute, severity, count(*)::int as n from alerts where received_at >= $1 and mode = 'live' group by minute, severity`, [start]),
    store.query<AlertRecord[]>(`select ${recordColumns} from alerts a where a.severity = 4 and a.mode = 'live' and a.status = 'open' order by a.arrival desc limit 5`),
  ]);
  const snapshot = ops.snapshot();
  const events = new Map(ops.minutes().map((minute) => [minute.at, minute.events]));
  const minutes = Array.from({ length: shownMinutes }, (_, index) => {
    const at = start + index * minuteMs;
    const counts: Record<Severity, number> = { low: 0, medium: 0, high: 0, critical: 0 };
    for (const { minute, severity, n } of perMinute) if (minute * minuteMs === at) counts[severityOfRank(severity)] += n;
    return { at, events: events.get(at) ?? 0, ...counts };
  });
  const since = ops.since();
  return {
    at: now, eventsPerSecond: snapshot.eventsPerSecond, alertsPerMinute, open, pastSla: sla?.past ?? 0, ...(typeof sla?.next === 'number' ? { nextSlaAt: sla.next } : {}),
    evalNsP99: snapshot.engine.evalNsP99, minutes, newestCritical: newest.map((record) => presentFor(record, now, audience)),
    rules: snapshot.engine.rules, eventsTotal: snapshot.acceptedTotal + snapshot.lateTotal, ...(since === undefined ? {} : { since }),
  };
}
