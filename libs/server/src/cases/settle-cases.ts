import { closesByItself, statusAfterWork } from '@weir/case-model';
import type { CaseStatus } from '@weir/contracts';
import type { EntityManager } from 'typeorm';
import type { Fact } from '../audit/activity-log.js';

interface LockedCase { readonly id: string; readonly status: CaseStatus; readonly open_alerts: number; readonly notes: number }

/**
 * Brings cases in line with their alerts after decisions: in progress after the first, closed after the last (unless people
 * wrote notes), open again when a decision was taken back. Locks them in order of id.
 *
 * @returns the facts for their story.
 */
export async function settleCases(manager: EntityManager, caseIds: readonly string[], now: number): Promise<readonly Fact[]> {
  await manager.query('select id from cases where id = any($1) order by id for update', [caseIds]);
  const cases = await manager.query<LockedCase[]>(`select c.id, c.status,
      (select count(*)::int from alerts a where a.case_id = c.id and a.status = 'open') as open_alerts,
      (select count(*)::int from activity n where n.case_id = c.id and n.kind = 'note') as notes
    from cases c where c.id = any($1) order by c.id`, [caseIds]);
  const facts: Fact[] = [];
  for (const { id, status, open_alerts: openAlerts, notes } of cases) {
    const next = status === 'closed' && openAlerts > 0 ? 'in_progress' : closesByItself(status, openAlerts, notes) ? 'closed' : statusAfterWork(status);
    await manager.query(`update cases set status = $2, closed_at = case when $2 = 'closed' then coalesce(closed_at, $3) end, updated_at = $3, version = version + 1 where id = $1`, [id, next, now]);
    if (next === 'closed' && status !== 'closed') facts.push({ at: now, actor: 'engine', kind: 'case', text: 'closed: every alert is decided', caseId: id });
    if (status === 'closed' && next !== 'closed') facts.push({ at: now, actor: 'engine', kind: 'case', text: 'opened again: a decision was undone', caseId: id });
  }
  return facts;
}
