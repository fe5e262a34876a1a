import type { CaseRow } from '@weir/contracts';
import { maskCase } from '../access/masking.js';
import type { Audience } from '../alerts/alert-record.js';

/**
 * Columns of `cases c` that make a row, with what its alerts add up to. Exposure counts each triggering event once, however
 * many rules it fired, per currency.
 */
export const caseColumns = `c.id, c.version, c.title, c.subject_field, c.subject_value, c.subject_token, c.status, c.priority, c.owner, c.opened_at, c.updated_at, c.closed_at,
  (select count(*)::int from alerts a where a.case_id = c.id) as alerts,
  (select count(*)::int from alerts a where a.case_id = c.id and a.status = 'open') as open_alerts,
  (select min(a.sla_due_at) from alerts a where a.case_id = c.id and a.status = 'open') as sla_due_at,
  (select coalesce(jsonb_agg(jsonb_build_object('amount', e.amount::text, 'currency', e.currency) order by e.currency), '[]'::jsonb) from (
    select d.currency, sum(d.amount) as amount from (
      select distinct on (a.trigger_event) a.amount, a.currency from alerts a where a.case_id = c.id and a.amount is not null order by a.trigger_event) d
    group by d.currency) e) as exposure`;

/** What `caseColumns` selects. */
export interface CaseRecord {
  readonly id: string; readonly version: number; readonly title: string;
  readonly subject_field: string; readonly subject_value: string; readonly subject_token: string;
  readonly status: CaseRow['status']; readonly priority: CaseRow['priority']; readonly owner: string | null;
  readonly opened_at: number; readonly updated_at: number; readonly closed_at: number | null;
  readonly alerts: number; readonly open_alerts: number; readonly sla_due_at: number | null; readonly exposure: CaseRow['exposure'];
}

function presentCase(record: CaseRecord): CaseRow {
  return {
    id: record.id, version: record.version, title: record.title,
    subject: { field: record.subject_field, token: record.subject_token, label: record.subject_value },
    status: record.status, priority: record.priority, ...(record.owner === null ? {} : { owner: record.owner }),
    alerts: record.alerts, openAlerts: record.open_alerts, exposure: record.exposure,
    openedAt: record.opened_at, updatedAt: record.updated_at, ...(record.sla_due_at === null ? {} : { slaDueAt: record.sla_due_at }),
  };
}

export function presentCaseFor(record: CaseRecord, audience: Audience): CaseRow {
  const row = presentCase(record);
  return audience.masked ? maskCase(row, audience.personal) : row;
}
