import type { ActivityItem, CaseDetail, CasePage, CaseStatus, ChangeCase } from '@weir/contracts';
import { moveCase } from '@weir/case-model';
import type { DataSource } from 'typeorm';
import type { Principal } from '../access/viewer.js';
import { presentFor, recordColumns } from '../alerts/alert-record.js';
import type { AlertRecord, Audience } from '../alerts/alert-record.js';
import { notFound } from '../alerts/refusal.js';
import type { DeskResult } from '../alerts/refusal.js';
import { appendActivity } from '../audit/activity-log.js';
import type { FeedDraft } from '../feed/feed-draft.js';
import { caseColumns, presentCaseFor } from './case-record.js';
import type { CaseRecord } from './case-record.js';

export interface CaseDeskOptions { readonly store: DataSource; readonly now: () => number; readonly publish: (draft: FeedDraft) => void }

const isUniqueViolation = (error: unknown): boolean => typeof error === 'object' && error !== null && 'code' in error && error.code === '23505';

/** Everything people do with cases. */
export class CaseDesk {
  constructor(private readonly options: CaseDeskOptions) {}

  /** Newest change first. `cursor`: `<updatedAt>.<id>` of the last row seen. */
  async list(query: { readonly status?: readonly CaseStatus[] | undefined; readonly cursor?: { readonly updatedAt: number; readonly id: string } | undefined; readonly limit: number }, audience: Audience): Promise<CasePage> {
    const { store } = this.options;
    const statuses = query.status ?? ['open', 'in_progress', 'escalated'];
    const [rows, [total]] = await Promise.all([
      store.query<CaseRecord[]>(`select ${caseColumns} from cases c where c.status = any($1) and ($2::bigint is null or (c.updated_at, c.id) < ($2, $3)) order by c.updated_at desc, c.id desc limit $4`,
        [statuses, query.cursor?.updatedAt ?? null, query.cursor?.id ?? null, query.limit + 1]),
      store.query<{ n: number }[]>('select count(*)::int as n from cases where status = any($1)', [statuses]),
    ]);
    const items = rows.slice(0, query.limit);
    const last = items.at(-1);
    return {
      items: items.map((row) => presentCaseFor(row, audience)), total: total?.n ?? 0,
      ...(rows.length > query.limit && last !== undefined ? { nextCursor: `${last.updated_at}.${last.id}` } : {}),
    };
  }

  async detail(id: string, now: number, audience: Audience): Promise<CaseDetail | undefined> {
    const { store } = this.options;
    const record = await this.#find(id);
    if (record === undefined) return undefined;
    const [alerts, story] = await Promise.all([
      store.query<AlertRecord[]>(`select ${recordColumns} from alerts a where a.case_id = $1 order by (a.status = 'closed'), a.arrival desc limit 200`, [id]),
      store.query<ActivityItem[]>('select at, actor, kind, text from activity where case_id = $1 order by n desc limit 500', [id]),
    ]);
    const rows = alerts.map((alert) => presentFor(alert, now, audience));
    const joined = rows.map((row): ActivityItem => ({ at: row.receivedAt, actor: 'engine', kind: 'alert', text: `alert joined: ${row.reason}` }));
    return { case: presentCaseFor(record, audience), alerts: rows, story: [...story, ...joined].sort((a, b) => b.at - a.at) };
  }

  /** Changes status, priority or owner of a case whose version is `expected`. */
  async change(id: string, expected: number, change: ChangeCase, by: Principal): Promise<DeskResult<CaseRecord>> {
    const { store, now: clock } = this.options;
    if (typeof change.owner === 'string') {
      const [user] = await store.query<{ name: string }[]>('select name from users where name = $1', [change.owner]);
      if (user === undefined) return { ok: false, reason: 'unknown-user', message: `There is no user ${change.owner}.` };
    }
    try {
      const result = await store.transaction(async (manager): Promise<DeskResult<undefined>> => {
        const now = clock();
        const [found] = await manager.query<{ version: number; status: CaseStatus; priority: string; owner: string | null; changed_by: string | null; updated_at: number }[]>('select version, status, priority, owner, changed_by, updated_at from cases where id = $1 for update', [id]);
        if (found === undefined) return notFound('case', id);
        if (found.version !== expected) return { ok: false, reason: 'stale', message: `${found.changed_by ?? 'The engine'} changed this case since you saw it.`, by: found.changed_by ?? 'engine', at: found.updated_at, version: found.version };
        const [open] = await manager.query<{ n: number }[]>(`select count(*)::int as n from alerts where case_id = $1 and status = 'open'`, [id]);
        const moved = moveCase(found.status, change.status ?? found.status, open?.n ?? 0);
        if (!moved.ok) return moved;
        const after = { status: moved.next, priority: change.priority ?? found.priority, owner: change.owner === undefined ? found.owner : change.owner };
        await manager.query(`update cases set status = $2, priority = $3, owner = $4, closed_at = case when $2 = 'closed' then coalesce(closed_at, $5) end,
          updated_at = $5, changed_by = $6, version = version + 1 where id = $1`, [id, after.status, after.priority, after.owner, now, by.name]);
        const before = { status: found.status, priority: found.priority, owner: found.owner };
        const parts = (['status', 'priority', 'owner'] as const).filter((name) => before[name] !== after[name]).map((name) => `${name} ${before[name] ?? 'nobody'} -> ${after[name] ?? 'nobody'}`.replaceAll('_', ' ')); // as const: the three names
        await appendActivity(manager, [{ at: now, actor: by.name, kind: 'case', text: parts.length === 0 ? 'changed nothing' : parts.join(', '), caseId: id, detail: { before, after } }]);
        return { ok: true, value: undefined };
      });
      return result.ok ? await this.#changed(id) : result;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      return { ok: false, reason: 'other-open-case', message: 'This subject has another case that is open; work there.' };
    }
  }

  async note(id: string, text: string, by: Principal): Promise<DeskResult<CaseRecord>> {
    const result = await this.options.store.transaction(async (manager): Promise<DeskResult<undefined>> => {
      const now = this.options.now();
      const updated = await manager.query<[unknown[], number]>('update cases set updated_at = $2 where id = $1', [id, now]);
      if (updated[1] === 0) return notFound('case', id);
      await appendActivity(manager, [{ at: now, actor: by.name, kind: 'note', text, caseId: id }]);
      return { ok: true, value: undefined };
    });
    return result.ok ? this.#changed(id) : result;
  }

  async #find(id: string): Promise<CaseRecord | undefined> { return (await this.options.store.query<CaseRecord[]>(`select ${caseColumns} from cases c where c.id = $1`, [id]))[0]; }

  async #changed(id: string): Promise<DeskResult<CaseRecord>> {
    const record = await this.#find(id);
    if (record === undefined) return notFound('case', id);
    this.options.publish({ kind: 'case-changed', record });
    return { ok: true, value: record };
  }
}
