import type { ActivityItem, Alert, AlertDetail, AlertPage, Severity } from '@weir/contracts';
import { queueOrderSql, severityRank } from '@weir/case-model';
import { hideInAlert } from '@weir/rule-engine';
import type { DataSource, EntityManager } from 'typeorm';
import { presentFor, recordColumns, severityOfRank } from './alert-record.js';
import type { AlertRecord, Audience } from './alert-record.js';

export interface AlertQuery {
  readonly status: 'open' | 'closed' | 'all';
  readonly severity?: readonly Severity[] | undefined;
  readonly rule?: string | undefined;
  /** A user name; `none` for alerts nobody holds. `me` is resolved before. */
  readonly assignee?: string | undefined;
  readonly disposition?: string | undefined;
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly currency?: string | undefined;
  /** Decimal text, inclusive; with `currency` only. */
  readonly minAmount?: string | undefined;
  readonly maxAmount?: string | undefined;
  /** Since arrival, counted to the snapshot's instant. */
  readonly minAgeMs?: number | undefined;
  readonly sort: 'priority' | 'newest' | 'score';
  readonly snapshot?: Snapshot | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** A moment of the queue: alerts that arrived up to `arrival`, in the order of the instant `at`. On the wire: `<arrival>.<at>`. */
export interface Snapshot { readonly arrival: number; readonly at: number }

export const snapshotText = ({ arrival, at }: Snapshot): string => `${arrival}.${at}`;

export function parseSnapshot(text: string): Snapshot | undefined {
  const [, arrival, at] = /^(\d{1,15})\.(\d{1,15})$/.exec(text) ?? [];
  return arrival === undefined || at === undefined ? undefined : { arrival: Number(arrival), at: Number(at) };
}

const monthMs = 30 * 86_400_000;
const likePattern = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Conditions of a query over `alerts a`, with their parameters. Who sees sentences masked can not search them either. */
function conditions(query: AlertQuery, snapshot: Snapshot, masked: boolean): { readonly where: string; readonly params: unknown[] } {
  const params: unknown[] = [snapshot.arrival, snapshot.at];
  const parts = ["a.mode = 'live'", 'a.arrival <= $1', '$2::bigint is not null'];
  const add = (condition: (place: string) => string, value: unknown): void => {
    params.push(value);
    parts.push(condition(`$${params.length}`));
  };
  if (query.status !== 'all') parts.push(`a.status = '${query.status}'`);
  if (query.severity !== undefined) add((p) => `a.severity = any(${p}::smallint[])`, query.severity.map((severity) => severityRank[severity]));
  if (query.rule !== undefined) add((p) => `a.rule = ${p}`, query.rule);
  if (query.disposition !== undefined) add((p) => `a.disposition = ${p}`, query.disposition);
  if (query.subject !== undefined) add((p) => `a.subject_token = ${p}`, query.subject);
  if (query.text !== undefined) add((p) => (masked ? `(a.title ilike ${p} or a.rule ilike ${p})` : `(a.reason ilike ${p} or a.title ilike ${p} or a.rule ilike ${p})`), likePattern(query.text));
  if (query.currency !== undefined) add((p) => `a.currency = ${p}`, query.currency);
  if (query.minAmount !== undefined) add((p) => `a.amount >= ${p}::numeric`, query.minAmount);
  if (query.maxAmount !== undefined) add((p) => `a.amount <= ${p}::numeric`, query.maxAmount);
  if (query.minAgeMs !== undefined) add((p) => `a.received_at <= $2 - ${p}::bigint`, query.minAgeMs);
  if (query.assignee === 'none') parts.push('(a.assignee is null or a.lease_until <= $2)');
  else if (query.assignee !== undefined) add((p) => `(a.assignee = ${p} and (a.lease_until is null or a.lease_until > $2))`, query.assignee);
  return { where: parts.join(' and '), params };
}

const orders: Readonly<Record<AlertQuery['sort'], string>> = {
  priority: queueOrderSql('$2::bigint'),
  newest: 'a.ts desc, a.arrival desc',
  score: 'a.score desc, a.ts, a.id collate "C"',
};

/** One window of the queue, with counts over all open alerts. */
export async function findAlerts(store: DataSource, query: AlertQuery, me: string, now: number, audience: Audience): Promise<AlertPage> {
  const snapshot = query.snapshot ?? { arrival: await lastArrival(store.manager), at: now };
  const { where, params } = conditions(query, snapshot, audience.masked);
  // Ids first: only the rows of the window are read whole.
  const [ids, [total], counts, [mine]] = await Promise.all([
    store.query<{ id: string }[]>(`select a.id from alerts a where ${where} order by ${orders[query.sort]} offset $${params.length + 1} limit $${params.length + 2}`, [...params, query.offset, query.limit]),
    store.query<{ n: number }[]>(`select count(*)::int as n from alerts a where ${where}`, params),
    openBySeverity(store.manager),
    store.query<{ n: number }[]>(`select count(*)::int as n from alerts where status = 'open' and mode = 'live' and assignee = $1 and (lease_until is null or lease_until > $2)`, [me, now]),
  ]);
  const records = ids.length === 0 ? [] : await store.query<AlertRecord[]>(`select ${recordColumns} from alerts a join unnest($1::text[]) with ordinality as w(id, place) on w.id = a.id order by w.place`, [ids.map(({ id }) => id)]);
  return {
    items: records.map((record) => presentFor(record, now, audience)), total: total?.n ?? 0, snapshot: snapshotText(snapshot), offset: query.offset,
    counts: { open: Object.values(counts).reduce((sum, n) => sum + n, 0), bySeverity: counts, mine: mine?.n ?? 0 },
  };
}

async function lastArrival(manager: EntityManager): Promise<number> {
  const [row] = await manager.query<{ arrival: number | null }[]>('select max(arrival) as arrival from alerts');
  return row?.arrival ?? 0;
}

/** Open alerts of the queue by severity, every severity named. */
export async function openBySeverity(manager: EntityManager): Promise<Record<Severity, number>> {
  const counts: Record<Severity, number> = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const { severity, n } of await manager.query<{ severity: number; n: number }[]>(`select severity, count(*)::int as n from alerts where status = 'open' and mode = 'live' group by severity`)) {
    counts[severityOfRank(severity)] = n;
  }
  return counts;
}

export const findRecord = async (store: DataSource, id: string): Promise<AlertRecord | undefined> =>
  (await store.query<AlertRecord[]>(`select ${recordColumns} from alerts a where a.id = $1`, [id]))[0];

/** Everything the alert's page shows; undefined when there is no such alert. */
export async function findAlertDetail(store: DataSource, id: string, now: number, undoMs: number, audience: Audience): Promise<AlertDetail | undefined> {
  const record = await findRecord(store, id);
  const [whole] = await store.query<{ alert: Alert }[]>('select alert from alerts where id = $1', [id]);
  if (record === undefined || whole === undefined) return undefined;
  const [siblings, [history], [quality], activity, [label]] = await Promise.all([
    store.query<AlertRecord[]>(`select ${recordColumns} from alerts a where a.subject_token = $1 and a.id <> $2 and a.status = 'open' and a.mode = 'live' order by ${queueOrderSql('$3::bigint')} limit 50`, [record.subject_token, id, now]),
    store.query<AlertDetail['subjectHistory'][]>(`select count(*)::int as alerts, count(*) filter (where disposition = 'confirmed_fraud')::int as fraud,
      count(*) filter (where disposition = 'false_positive')::int as "falsePositive" from alerts where subject_token = $1 and mode = 'live' and id <> $2`, [record.subject_token, id]),
    store.query<AlertDetail['ruleQuality'][]>(`select count(*)::int as alerts, count(*) filter (where disposition in ('confirmed_fraud', 'false_positive'))::int as decided,
      count(*) filter (where disposition = 'confirmed_fraud')::int as fraud from alerts where rule = $1 and mode = $2 and received_at >= $3`, [record.rule, record.mode, now - monthMs]),
    store.query<ActivityItem[]>('select at, actor, kind, text from activity where alert_id = $1 order by n desc limit 200', [id]),
    store.query<{ sent: boolean }[]>(`select o.sent_at is not null as sent from label_outbox o join alerts a on a.decision_id = o.decision_id where a.id = $1`, [id]),
  ]);
  const undoUntil = record.decided_at === null || label?.sent === true ? undefined : record.decided_at + undoMs;
  return {
    row: presentFor(record, now, audience),
    alert: audience.masked ? hideInAlert(whole.alert, audience.personal) : whole.alert,
    siblings: siblings.map((sibling) => presentFor(sibling, now, audience)),
    subjectHistory: history ?? { alerts: 0, fraud: 0, falsePositive: 0 },
    ruleQuality: quality ?? { alerts: 0, decided: 0, fraud: 0 },
    activity: [...activity, { at: record.received_at, actor: 'engine', kind: 'fired', text: `${record.rule} fired` }],
    ...(undoUntil === undefined || undoUntil <= now ? {} : { undoUntil }),
    labelled: label?.sent === true,
  };
}
