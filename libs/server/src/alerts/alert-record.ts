import type { Alert, AlertRow, Severity } from '@weir/contracts';
import { holderAt } from '@weir/case-model';
import type { Hiding } from '@weir/rule-engine';
import { maskRow } from '../access/masking.js';

const severities: readonly Severity[] = ['low', 'low', 'medium', 'high', 'critical'];

/** Severity of a stored rank, 1 to 4. */
export const severityOfRank = (rank: number): Severity => severities[rank] ?? 'low';

/** Columns of `alerts a` that make a row of the queue, with the open alerts of its subject. */
export const recordColumns = `a.id, a.version, a.rule, a.title, a.severity, a.score, a.action, a.reason, a.reason_parts, a.subject_field, a.subject_value,
  a.subject_token, a.amount::text as amount, a.currency, a.ts, a.received_at, a.sla_due_at, a.status, a.disposition, a.disposition_reason,
  a.decided_by, a.decided_at, a.assignee, a.lease_until, a.case_id, a.mode,
  (select count(*)::int from alerts o where o.subject_token = a.subject_token and o.status = 'open' and o.mode = 'live') as open_of_subject`;

/** What `recordColumns` selects. */
export interface AlertRecord {
  readonly id: string; readonly version: number; readonly rule: string; readonly title: string; readonly severity: number; readonly score: number;
  readonly action: AlertRow['action']; readonly reason: string; readonly reason_parts: Alert['reasonParts'];
  readonly subject_field: string; readonly subject_value: string; readonly subject_token: string;
  readonly amount: string | null; readonly currency: string | null;
  readonly ts: number; readonly received_at: number; readonly sla_due_at: number;
  readonly status: AlertRow['status']; readonly disposition: NonNullable<AlertRow['disposition']> | null; readonly disposition_reason: string | null;
  readonly decided_by: string | null; readonly decided_at: number | null; readonly assignee: string | null; readonly lease_until: number | null;
  readonly case_id: string | null; readonly mode: 'live' | 'shadow'; readonly open_of_subject: number;
}

/** The wire form of a record; a lease that ran out shows nobody. */
export function presentRecord(record: AlertRecord, now: number): AlertRow {
  const holder = holderAt({ assignee: record.assignee ?? undefined, leaseUntil: record.lease_until ?? undefined }, now);
  return {
    id: record.id, version: record.version, rule: record.rule, title: record.title, severity: severityOfRank(record.severity), score: record.score,
    action: record.action, reason: record.reason,
    subject: { field: record.subject_field, token: record.subject_token, label: record.subject_value },
    ...(record.amount === null || record.currency === null ? {} : { money: { amount: record.amount, currency: record.currency } }),
    ts: record.ts, receivedAt: record.received_at, slaDueAt: record.sla_due_at, status: record.status,
    ...(record.disposition === null ? {} : { disposition: record.disposition }),
    ...(record.disposition_reason === null ? {} : { dispositionReason: record.disposition_reason }),
    ...(record.decided_by === null ? {} : { decidedBy: record.decided_by }),
    ...(record.decided_at === null ? {} : { decidedAt: record.decided_at }),
    ...(holder === undefined ? {} : { assignee: holder }),
    ...(holder === undefined || record.lease_until === null ? {} : { leaseUntil: record.lease_until }),
    caseId: record.case_id ?? '', openOfSubject: record.open_of_subject,
  };
}

/** For whom a row is: with personal values, or without those of personal fields. */
export interface Audience { readonly masked: boolean; readonly personal: Hiding }

export function presentFor(record: AlertRecord, now: number, audience: Audience): AlertRow {
  const row = presentRecord(record, now);
  return audience.masked ? maskRow(row, record.reason_parts, audience.personal) : row;
}
