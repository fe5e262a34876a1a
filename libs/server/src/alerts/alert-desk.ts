import { randomUUID } from 'node:crypto';
import type { Disposition } from '@weir/contracts';
import { holderAt, labelContent, leaseMs, mayClaim, queueOrderOfOneUrgencySql, restAfterReleaseMs, undoDisposition, urgentBeforeMs } from '@weir/case-model';
import type { DataSource, EntityManager } from 'typeorm';
import { hasRole } from '../access/viewer.js';
import type { Principal } from '../access/viewer.js';
import { appendActivity } from '../audit/activity-log.js';
import type { Fact } from '../audit/activity-log.js';
import { caseColumns } from '../cases/case-record.js';
import type { CaseRecord } from '../cases/case-record.js';
import { settleCases } from '../cases/settle-cases.js';
import type { FeedDraft } from '../feed/feed-draft.js';
import { jsonbText, plainText } from '../store/jsonb-text.js';
import { recordColumns } from './alert-record.js';
import type { AlertRecord } from './alert-record.js';
import { holderOf, lastChange, lockAlerts } from './lock-alerts.js';
import type { LockedAlert } from './lock-alerts.js';
import { notFound } from './refusal.js';
import type { DeskResult, Refusal } from './refusal.js';

export interface AlertDeskOptions {
  readonly store: DataSource;
  readonly now: () => number;
  readonly undoMs: number;
  /** Called after the commit that it reports. */
  readonly publish: (draft: FeedDraft) => void;
}

export interface Decide { readonly disposition: Disposition; readonly reason?: string | undefined; readonly note?: string | undefined; readonly also?: readonly string[] | undefined }

interface Changed { readonly alerts: readonly AlertRecord[]; readonly cases: readonly CaseRecord[] }
interface DecisionRow { readonly id: number; readonly group_id: string; readonly alert_id: string; readonly disposition: Disposition; readonly reason: string | null; readonly by: string; readonly at: number; readonly alert_version: number; readonly sent_at: number | null }

const words = (disposition: Disposition): string => disposition.replace('_', ' ');

/** Everything people do with alerts. Each act is one transaction with its facts in the activity chain; its messages leave after the commit. */
export class AlertDesk {
  readonly #options: AlertDeskOptions;
  constructor(options: AlertDeskOptions) { this.#options = options; }

  /**
   * Decides an alert, and the open ones among `also` with it. A label is due when the undo time is over.
   *
   * Refused: `stale` when its version is not `expected`, `already-decided` when it is closed (a senior may overturn it, with the
   * right version), `held` when somebody else's lease is on it.
   */
  async decide(id: string, expected: number, decide: Decide, by: Principal): Promise<DeskResult<AlertRecord>> {
    return this.#act(id, async (manager, now) => {
      const locked = await lockAlerts(manager, [...new Set([id, ...(decide.also ?? [])])]);
      const main = locked.find((alert) => alert.id === id);
      if (main === undefined) return notFound('alert', id);
      const refusal = refuseDecision(main, expected, by, now);
      if (refusal !== undefined) return refusal;
      const others = locked.filter((alert) => alert.id !== id && alert.status === 'open' && [undefined, by.name].includes(holderOf(alert, now)));
      const decided = [main, ...others];
      const groupId = randomUUID();
      for (const alert of decided) await this.#decideOne(manager, alert, groupId, decide, by, now);
      const caseIds = casesOf(decided);
      const caseFacts = await settleCases(manager, caseIds, now);
      const why = decide.reason === undefined ? '' : `: ${decide.reason}`;
      const facts = decided.flatMap((alert): Fact[] => [
        { at: now, actor: by.name, kind: 'disposition', text: `decided ${words(decide.disposition)}${why}`, alertId: alert.id, caseId: alert.case_id ?? undefined, detail: { before: alert.disposition, after: decide.disposition } },
        ...(decide.note === undefined ? [] : [{ at: now, actor: by.name, kind: 'remark', text: decide.note, alertId: alert.id, caseId: alert.case_id ?? undefined }]),
      ]);
      await appendActivity(manager, [...facts, ...caseFacts]);
      return { ok: true, value: { alertIds: decided.map((alert) => alert.id), caseIds } };
    });
  }

  async #decideOne(manager: EntityManager, alert: LockedAlert, groupId: string, { disposition, reason }: Decide, by: Principal, now: number): Promise<void> {
    const [decision] = await manager.query<{ id: number; n: number }[]>(`insert into decisions (group_id, alert_id, disposition, reason, by, at, alert_version)
      values ($1, $2, $3, $4, $5, $6, $7) returning id, (select count(*)::int + 1 from decisions where alert_id = $2) as n`,
    [groupId, alert.id, disposition, reason === undefined ? null : plainText(reason), by.name, now, alert.version + 1]);
    if (decision === undefined) return;
    await manager.query(`update alerts set status = 'closed', disposition = $2, disposition_reason = $3, decided_by = $4, decided_at = $5, decision_id = $6,
        assignee = null, lease_until = null, version = version + 1, changed_by = $4, changed_at = $5 where id = $1`,
    [alert.id, disposition, reason === undefined ? null : plainText(reason), by.name, now, decision.id]);
    const label = labelContent({ alertId: alert.id, trigger: alert.trigger ?? undefined }, disposition, decision.n);
    if (label === undefined) return;
    await manager.query('insert into label_outbox (event_id, alert_id, decision_id, fields, due_at) values ($1, $2, $3, $4::jsonb, $5)',
      [label.id, alert.id, decision.id, jsonbText(label.fields), now + this.#options.undoMs]);
  }

  /** Takes the newest disposition of an alert back, and those made by the same act that nobody changed since. */
  async undo(id: string, by: Principal): Promise<DeskResult<AlertRecord>> {
    return this.#act(id, async (manager, now) => {
      const [asked] = await manager.query<{ group_id: string }[]>('select d.group_id from alerts a join decisions d on d.id = a.decision_id where a.id = $1', [id]);
      if (asked === undefined) {
        const [known] = await lockAlerts(manager, [id]);
        return known === undefined ? notFound('alert', id) : { ok: false, reason: 'not-decided', message: 'This alert is not decided.', ...lastChange(known) };
      }
      const group = await manager.query<{ alert_id: string }[]>('select alert_id from decisions where group_id = $1 and undone_at is null', [asked.group_id]);
      const locked = await lockAlerts(manager, group.map((row) => row.alert_id));
      // A label is sent at the instant when undo ends, by the same clock: it can not go out in between.
      const decisions = await manager.query<DecisionRow[]>(`select d.*, (select o.sent_at from label_outbox o where o.decision_id = d.id) as sent_at
        from decisions d where d.group_id = $1 and d.undone_at is null`, [asked.group_id]);
      const undone: LockedAlert[] = [];
      for (const alert of locked) {
        const decision = decisions.find((row) => row.id === alert.decision_id);
        if (decision === undefined) continue;
        const result = undoDisposition({ version: alert.version, versionAtDecision: decision.alert_version, decidedAt: decision.at, decidedBy: decision.by, isLabelled: decision.sent_at !== null }, by.name, now, this.#options.undoMs);
        if (!result.ok && alert.id === id) return { ...result, ...lastChange(alert) };
        if (!result.ok) continue;
        await undoOne(manager, alert, decision, by, now);
        undone.push(alert);
      }
      if (!undone.some((alert) => alert.id === id)) return { ok: false, reason: 'changed', message: 'The alert was changed since; it can not be undone.' };
      const caseIds = casesOf(undone);
      const caseFacts = await settleCases(manager, caseIds, now);
      await appendActivity(manager, [...undone.map((alert): Fact => ({ at: now, actor: by.name, kind: 'undo', text: `took back ${words(alert.disposition ?? 'no_action')}`, alertId: alert.id, caseId: alert.case_id ?? undefined, detail: { before: alert.disposition } })), ...caseFacts]);
      return { ok: true, value: { alertIds: undone.map((alert) => alert.id), caseIds } };
    });
  }

  /** Takes an alert for 20 minutes; again by the same person, the 20 minutes begin anew. */
  async claim(id: string, by: Principal): Promise<DeskResult<AlertRecord>> {
    return this.#change(id, by, (alert, now) => {
      if (alert.status === 'closed') return decidedRefusal(alert);
      if (!mayClaim({ assignee: alert.assignee ?? undefined, leaseUntil: alert.lease_until ?? undefined }, by.name, now)) return heldRefusal(alert, now);
      return { set: { assignee: by.name, lease_until: now + leaseMs }, fact: { kind: 'claim', text: 'took it' } };
    });
  }

  /** Gives an alert back to the queue; its own holder or a senior may. */
  async release(id: string, by: Principal): Promise<DeskResult<AlertRecord>> {
    return this.#change(id, by, (alert, now) => {
      const holder = holderOf(alert, now);
      if (holder !== undefined && holder !== by.name && !hasRole(by, 'senior')) return heldRefusal(alert, now);
      return { set: { assignee: null, lease_until: null, released_by: by.name, released_at: now }, fact: { kind: 'release', text: 'gave it back' } };
    });
  }

  /** Hands an alert to somebody, without a lease, or to nobody. */
  async assign(id: string, assignee: string | null, by: Principal): Promise<DeskResult<AlertRecord>> {
    if (assignee !== null) {
      const [user] = await this.#options.store.query<{ name: string }[]>('select name from users where name = $1', [assignee]);
      if (user === undefined) return { ok: false, reason: 'unknown-user', message: `There is no user ${assignee}.` };
    }
    return this.#change(id, by, (alert) => {
      if (alert.status === 'closed') return decidedRefusal(alert);
      return { set: { assignee, lease_until: null }, fact: { kind: 'assign', text: assignee === null ? 'took the assignment away' : `assigned it to ${assignee}` } };
    });
  }

  /** Adds a note; the holder's lease begins anew. */
  async note(id: string, text: string, by: Principal): Promise<DeskResult<AlertRecord>> {
    return this.#change(id, by, (alert, now) => ({
      set: alert.assignee === by.name && alert.lease_until !== null && alert.lease_until > now ? { lease_until: now + leaseMs } : {},
      fact: { kind: 'note', text },
    }));
  }

  /**
   * Gives one analyst one free alert, in the order of the queue, and leases it to them. Callers at the same moment get different
   * alerts: a row that another transaction holds is skipped.
   *
   * @returns undefined when nothing is free.
   */
  async takeNext(by: Principal): Promise<AlertRecord | undefined> {
    const result = await this.#act(undefined, async (manager, now) => {
      const taken = (await takeFirst(manager, 'sla_due_at <=', by.name, now)) ?? (await takeFirst(manager, 'sla_due_at >', by.name, now));
      if (taken === undefined) return { ok: true, value: { alertIds: [], caseIds: [] } };
      await appendActivity(manager, [{ at: now, actor: by.name, kind: 'claim', text: 'took it as the next', alertId: taken.id, caseId: taken.case_id ?? undefined }]);
      return { ok: true, value: { alertIds: [taken.id], caseIds: [] } };
    });
    return result.ok ? result.value : undefined;
  }

  /** Puts alerts whose lease ran out back into the queue. */
  async endLeases(): Promise<number> {
    const now = this.#options.now();
    const ended = await this.#options.store.query<[{ id: string }[], number]>(`update alerts set assignee = null, lease_until = null, version = version + 1, changed_by = 'lease', changed_at = $1
      where lease_until <= $1 and status = 'open' returning id`, [now]);
    const ids = ended[0].map(({ id }) => id);
    if (ids.length > 0) for (const record of await loadRecords(this.#options.store.manager, ids)) this.#options.publish({ kind: 'alert-changed', record });
    return ids.length;
  }

  async #change(id: string, by: Principal, plan: (alert: LockedAlert, now: number) => Refusal | Change): Promise<DeskResult<AlertRecord>> {
    return this.#act(id, async (manager, now) => {
      const [alert] = await lockAlerts(manager, [id]);
      if (alert === undefined) return notFound('alert', id);
      const change = plan(alert, now);
      if ('ok' in change) return change;
      const set: Readonly<Record<string, unknown>> = { ...change.set, changed_by: by.name, changed_at: now };
      const names = Object.keys(set); // names of columns from this file, never from a request
      await manager.query(`update alerts set version = version + 1, ${names.map((name, index) => `${name} = $${index + 2}`).join(', ')} where id = $1`, [id, ...Object.values(set)]);
      await appendActivity(manager, [{ at: now, actor: by.name, ...change.fact, alertId: id, caseId: alert.case_id ?? undefined }]);
      return { ok: true, value: { alertIds: [id], caseIds: [] } };
    });
  }

  /** Runs one act in a transaction, then sends out what it changed. Answers with the record of `id`, else of the first changed. */
  async #act(id: string | undefined, act: (manager: EntityManager, now: number) => Promise<DeskResult<{ readonly alertIds: readonly string[]; readonly caseIds: readonly string[] }>>): Promise<DeskResult<AlertRecord>> {
    const result = await this.#options.store.transaction(async (manager): Promise<DeskResult<Changed>> => {
      const done = await act(manager, this.#options.now());
      if (!done.ok) return done;
      const { alertIds, caseIds } = done.value;
      const cases = caseIds.length === 0 ? [] : await manager.query<CaseRecord[]>(`select ${caseColumns} from cases c where c.id = any($1)`, [caseIds]);
      return { ok: true, value: { alerts: await loadRecords(manager, alertIds), cases } };
    });
    if (!result.ok) return result;
    for (const record of result.value.alerts) this.#options.publish({ kind: 'alert-changed', record });
    for (const record of result.value.cases) this.#options.publish({ kind: 'case-changed', record });
    const record = result.value.alerts.find((alert) => alert.id === id) ?? result.value.alerts[0];
    return record === undefined ? { ok: false, reason: 'not-found', message: 'Nothing is free.' } : { ok: true, value: record };
  }
}

interface Change {
  readonly set: Readonly<Partial<Record<'assignee' | 'lease_until' | 'released_by' | 'released_at', string | number | null>>>;
  readonly fact: Pick<Fact, 'kind' | 'text'>;
}

const casesOf = (alerts: readonly LockedAlert[]): string[] => [...new Set(alerts.flatMap((alert) => alert.case_id ?? []))];

const loadRecords = (manager: EntityManager, ids: readonly string[]): Promise<AlertRecord[]> =>
  ids.length === 0 ? Promise.resolve([]) : manager.query<AlertRecord[]>(`select ${recordColumns} from alerts a where a.id = any($1) order by a.id`, [[...ids]]);

const decidedRefusal = (alert: LockedAlert): Refusal => ({
  ok: false, reason: 'already-decided', message: `${alert.decided_by ?? 'Somebody'} decided ${words(alert.disposition ?? 'no_action')}.`,
  by: alert.decided_by ?? undefined, at: alert.decided_at ?? undefined, version: alert.version,
});

const heldRefusal = (alert: LockedAlert, now: number): Refusal => ({ ok: false, reason: 'held', message: `${holderOf(alert, now) ?? 'Somebody'} holds this alert.`, ...lastChange(alert), by: holderOf(alert, now) });

function refuseDecision(alert: LockedAlert, expected: number, by: Principal, now: number): Refusal | undefined {
  const isOverturn = alert.status === 'closed' && hasRole(by, 'senior') && alert.version === expected;
  if (alert.status === 'closed' && !isOverturn) return decidedRefusal(alert);
  if (alert.version !== expected) return { ok: false, reason: 'stale', message: `${alert.changed_by ?? 'Somebody'} changed this alert since you saw it.`, ...lastChange(alert) };
  const holder = alert.lease_until === null ? undefined : holderAt({ assignee: alert.assignee ?? undefined, leaseUntil: alert.lease_until }, now);
  return holder !== undefined && holder !== by.name && !hasRole(by, 'senior') ? heldRefusal(alert, now) : undefined;
}

async function undoOne(manager: EntityManager, alert: LockedAlert, decision: DecisionRow, by: Principal, now: number): Promise<void> {
  await manager.query('update decisions set undone_at = $2 where id = $1', [decision.id, now]);
  await manager.query('delete from label_outbox where decision_id = $1 and sent_at is null', [decision.id]);
  const [before] = await manager.query<DecisionRow[]>('select * from decisions where alert_id = $1 and undone_at is null order by id desc limit 1', [alert.id]);
  await manager.query(`update alerts set status = $2, disposition = $3, disposition_reason = $4, decided_by = $5, decided_at = $6, decision_id = $7,
      assignee = $8, lease_until = $9, version = version + 1, changed_by = $10, changed_at = $11 where id = $1`,
  [alert.id, before === undefined ? 'open' : 'closed', before?.disposition ?? null, before?.reason ?? null, before?.by ?? null, before?.at ?? null, before?.id ?? null,
    before === undefined ? by.name : null, before === undefined ? now + leaseMs : null, by.name, now]);
}

/** One pass over the urgent ones, one over the rest: each follows an index, so the whole queue is never sorted. */
async function takeFirst(manager: EntityManager, pass: 'sla_due_at <=' | 'sla_due_at >', by: string, now: number): Promise<{ id: string; case_id: string | null } | undefined> {
  const [rows] = await manager.query<[{ id: string; case_id: string | null }[], number]>(`with next as (
      select id from alerts where status = 'open' and mode = 'live' and ${pass} $1::bigint + ${urgentBeforeMs}
        and (assignee is null or lease_until <= $1 or (assignee = $2 and lease_until is null))
        and (released_by is distinct from $2 or released_at <= $1 - ${restAfterReleaseMs})
      order by ${queueOrderOfOneUrgencySql} limit 1 for update skip locked)
    update alerts a set assignee = $2, lease_until = $1 + ${leaseMs}, version = version + 1, changed_by = $2, changed_at = $1
    from next where a.id = next.id returning a.id, a.case_id`, [now, by]);
  return rows[0];
}
