import type { Alert } from '@weir/contracts';
import { graver, groupAlert, reopenWithinMs, severityRank, slaDueAt, subjectOf } from '@weir/case-model';
import type { CaseOfSubject, Subject } from '@weir/case-model';
import type { DataSource, EntityManager } from 'typeorm';
import { appendActivity } from '../audit/activity-log.js';
import type { Fact } from '../audit/activity-log.js';
import { caseColumns } from '../cases/case-record.js';
import type { CaseRecord } from '../cases/case-record.js';
import type { AlertSinkPort, SchemaPort } from '../ports.js';
import { jsonbText, plainText } from '../store/jsonb-text.js';
import { ensureSecret } from '../store/settings.js';
import { recordColumns } from './alert-record.js';
import type { AlertRecord } from './alert-record.js';
import { moneyOfAlert } from './money-of-alert.js';
import { subjectTokens } from './subject-tokens.js';
import type { SubjectTokens } from './subject-tokens.js';

/** What one write brought: sent out only after its commit. */
export interface StoredAlerts { readonly alerts: readonly AlertRecord[]; readonly cases: readonly CaseRecord[] }

export interface AlertStoreOptions {
  readonly store: DataSource;
  readonly schema: SchemaPort;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  /** Name of the event log whose progress is kept. Default `engine`. */
  readonly source?: string | undefined;
}

/** The end of the alert stream: alerts, their cases and the progress of their source, in one transaction. */
export interface AlertStore extends AlertSinkPort {
  /** Name of the event log whose progress is kept. */
  readonly source: string;
  /** Called after each commit that stored live alerts, in order of the commits. */
  onStored(listener: (stored: StoredAlerts) => void): void;
}

interface NewAlert { readonly alert: Alert; readonly subject: Subject; readonly token: string }
interface KnownCase extends CaseOfSubject { readonly id: string; readonly subject_token: string; readonly status: CaseRecord['status']; readonly closed_at: number | null }

/** Case of one subject as this write leaves it. */
interface CasePlan { id?: string; readonly first: NewAlert; status: 'open' | 'in_progress' | 'kept'; priority: CaseRecord['priority']; change: 'new' | 'changed' | 'touched'; facts: string[] }

/** Opens the store's writing side. */
export async function openAlertStore(options: AlertStoreOptions): Promise<AlertStore> {
  return new PostgresAlertStore(options, subjectTokens(await ensureSecret(options.store, 'subject-secret')));
}

class PostgresAlertStore implements AlertStore {
  readonly #options: AlertStoreOptions;
  readonly source: string;
  readonly #token: SubjectTokens;
  #added = 0;
  #analyzeAt = 200;
  readonly #listeners: ((stored: StoredAlerts) => void)[] = [];

  constructor(options: AlertStoreOptions, token: SubjectTokens) {
    this.#options = options;
    this.source = options.source ?? 'engine';
    this.#token = token;
  }

  onStored(listener: (stored: StoredAlerts) => void): void { this.#listeners.push(listener); }

  async progress(): Promise<number> {
    const [row] = await this.#options.store.query<{ seq: number }[]>('select seq from progress where source = $1', [this.source]);
    return row?.seq ?? 0;
  }

  async write(alerts: readonly Alert[], throughSeq: number): Promise<void> {
    const stored = await this.#options.store.transaction(async (manager) => {
      const now = this.#options.now();
      const fresh = await this.#fresh(manager, alerts, now);
      const live = fresh.filter(({ alert }) => alert.mode === 'live');
      const plans = await planCases(manager, live, now);
      await saveCases(manager, plans, now);
      await this.#insertAlerts(manager, fresh, plans, now);
      await manager.query('update progress set seq = greatest(seq, $2), updated_at = $3 where source = $1', [this.source, throughSeq, now]);
      const result = await loadStored(manager, live, plans);
      await appendActivity(manager, [...plans.values()].flatMap((plan) => plan.facts.map((text): Fact => ({ at: now, actor: 'engine', kind: 'case', text, caseId: plan.id }))));
      return result;
    });
    if (stored.alerts.length > 0) for (const listener of this.#listeners) listener(stored);
    await this.#tellPlanner(stored.alerts.length).catch(() => undefined); // stored all the same; autovacuum does it later
  }

  /**
   * Gives the planner figures while the tables grow from nothing: autovacuum comes once a minute, and until it has come every
   * partial index looks as good as the right one (measured: 3 ms a row instead of 0.02 at 5,000 alerts).
   */
  async #tellPlanner(added: number): Promise<void> {
    this.#added += added;
    if (this.#added < this.#analyzeAt) return;
    this.#analyzeAt = this.#added * 10;
    await this.#options.store.query('analyze alerts, cases');
  }

  /** Alerts not stored yet, each once; holds the progress row until the commit, so writers of one source take turns. */
  async #fresh(manager: EntityManager, alerts: readonly Alert[], now: number): Promise<readonly NewAlert[]> {
    const [progress] = await manager.query<{ seq: number }[]>(
      `insert into progress (source, seq, updated_at) values ($1, 0, $2) on conflict (source) do update set updated_at = excluded.updated_at returning seq`, [this.source, now]);
    const after = alerts.filter(({ seq }) => seq > (progress?.seq ?? 0));
    const known = after.length === 0 ? [] : await manager.query<{ id: string }[]>('select id from alerts where id = any($1)', [after.map(({ alertId }) => alertId)]);
    const seen = new Set(known.map(({ id }) => id));
    const fresh: NewAlert[] = [];
    for (const alert of after) {
      if (seen.has(alert.alertId)) continue;
      seen.add(alert.alertId);
      const subject = subjectOf(alert);
      fresh.push({ alert, subject, token: this.#token(subject) });
    }
    return fresh;
  }

  async #insertAlerts(manager: EntityManager, fresh: readonly NewAlert[], plans: ReadonlyMap<string, CasePlan>, now: number): Promise<void> {
    if (fresh.length === 0) return;
    const { schema } = this.#options.schema.current();
    const rows = fresh.map(({ alert, subject, token }) => {
      const money = moneyOfAlert(alert, schema);
      return {
        id: alert.alertId, seq: alert.seq, rule: alert.rule, title: alert.title, severity: severityRank[alert.severity], score: alert.score, action: alert.action,
        reason: alert.reason, reason_parts: alert.reasonParts, mode: alert.mode, subject_field: subject.field, subject_value: subject.value, subject_token: token,
        amount: money?.amount, currency: money?.currency, trigger_event: alert.trigger?.id, ts: alert.ts, received_at: now, sla_due_at: slaDueAt(alert.severity, now),
        case_id: alert.mode === 'live' ? plans.get(token)?.id : undefined, alert,
      };
    });
    await manager.query(`insert into alerts (id, arrival, seq, rule, title, severity, score, action, reason, reason_parts, mode, subject_field, subject_value, subject_token,
        amount, currency, trigger_event, ts, received_at, sla_due_at, case_id, alert)
      select id, nextval('alert_arrivals'), seq, rule, title, severity, score, action, reason, reason_parts, mode, subject_field, subject_value, subject_token,
        amount, currency, trigger_event, ts, received_at, sla_due_at, case_id, alert
      from jsonb_to_recordset($1::jsonb) as r(id text, seq bigint, rule text, title text, severity smallint, score smallint, action text, reason text, reason_parts jsonb,
        mode text, subject_field text, subject_value text, subject_token text, amount numeric, currency text, trigger_event text, ts bigint, received_at bigint,
        sla_due_at bigint, case_id text, alert jsonb)`, [jsonbText(rows)]);
  }
}

/** Runs the grouping of `case-model` over the alerts in order; locks the cases that may change. */
async function planCases(manager: EntityManager, live: readonly NewAlert[], now: number): Promise<ReadonlyMap<string, CasePlan>> {
  const plans = new Map<string, CasePlan>();
  if (live.length === 0) return plans;
  const known = await manager.query<KnownCase[]>(
    `select id, subject_token, status, priority, closed_at from cases where subject_token = any($1) and (status <> 'closed' or closed_at >= $2) order by id for update`,
    [[...new Set(live.map(({ token }) => token))], now - reopenWithinMs]);
  for (const added of live) {
    const plan = plans.get(added.token);
    if (plan !== undefined) {
      raise(plan, added.alert.severity);
      continue;
    }
    const found = newestCase(known.filter(({ subject_token: token }) => token === added.token));
    plans.set(added.token, planFor(added, found, now));
  }
  return plans;
}

const newestCase = (cases: readonly KnownCase[]): KnownCase | undefined =>
  cases.find(({ status }) => status !== 'closed') ?? [...cases].sort((a, b) => (b.closed_at ?? 0) - (a.closed_at ?? 0))[0];

function planFor(added: NewAlert, found: KnownCase | undefined, now: number): CasePlan {
  const { severity } = added.alert;
  const grouping = groupAlert(severity, found === undefined ? undefined : { ...found, closedAt: found.closed_at ?? undefined }, now);
  switch (grouping.kind) {
    case 'open': return { first: added, status: 'open', priority: grouping.priority, change: 'new', facts: [`opened by ${added.alert.rule}`] };
    case 'reopen': return { ...(found === undefined ? {} : { id: found.id }), first: added, status: 'in_progress', priority: grouping.priority, change: 'changed', facts: [`opened again by ${added.alert.rule}`] };
    case 'join': {
      const plan: CasePlan = { ...(found === undefined ? {} : { id: found.id }), first: added, status: 'kept', priority: found?.priority ?? severity, change: 'touched', facts: [] };
      raise(plan, severity);
      return plan;
    }
  }
}

function raise(plan: CasePlan, severity: CasePlan['priority']): void {
  const priority = graver(plan.priority, severity);
  if (priority === plan.priority) return;
  plan.priority = priority;
  if (plan.change === 'touched') plan.change = 'changed';
  plan.facts.push(`priority raised to ${priority}`);
}

async function saveCases(manager: EntityManager, plans: ReadonlyMap<string, CasePlan>, now: number): Promise<void> {
  const all = [...plans.values()];
  const opened = all.filter(({ change }) => change === 'new');
  if (opened.length > 0) {
    const rows = opened.map(({ first, priority }) => ({ title: plainText(first.alert.title), subject_field: first.subject.field, subject_value: first.subject.value, subject_token: first.token, priority, at: now }));
    const ids = await manager.query<{ id: string; subject_token: string }[]>(`insert into cases (id, title, subject_field, subject_value, subject_token, priority, opened_at, updated_at)
      select 'C-' || nextval('case_numbers'), title, subject_field, subject_value, subject_token, priority, at, at from jsonb_to_recordset($1::jsonb)
        as r(title text, subject_field text, subject_value text, subject_token text, priority text, at bigint) returning id, subject_token`, [jsonbText(rows)]);
    for (const { id, subject_token: token } of ids) {
      const plan = plans.get(token);
      if (plan !== undefined) plan.id = id;
    }
  }
  const kept = all.filter(({ change }) => change !== 'new');
  if (kept.length === 0) return;
  const rows = kept.map(({ id, status, priority, change }) => ({ id, status, priority, step: change === 'changed' ? 1 : 0, at: now }));
  await manager.query(`update cases c set updated_at = r.at, version = c.version + r.step, priority = r.priority,
      status = case when r.status = 'kept' then c.status else r.status end, closed_at = case when r.status = 'kept' then c.closed_at else null end
    from jsonb_to_recordset($1::jsonb) as r(id text, status text, priority text, step integer, at bigint) where c.id = r.id`, [jsonbText(rows)]);
}

async function loadStored(manager: EntityManager, live: readonly NewAlert[], plans: ReadonlyMap<string, CasePlan>): Promise<StoredAlerts> {
  if (live.length === 0) return { alerts: [], cases: [] };
  return {
    alerts: await manager.query<AlertRecord[]>(`select ${recordColumns} from alerts a where a.id = any($1) order by a.arrival`, [live.map(({ alert }) => alert.alertId)]),
    cases: await manager.query<CaseRecord[]>(`select ${caseColumns} from cases c where c.id = any($1) order by c.id`, [[...plans.values()].map(({ id }) => id)]),
  };
}
