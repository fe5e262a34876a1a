import type { ReleasedRule, RuleCheck, RuleDetail, RuleRow, SaveRule } from '@weir/contracts';
import { severityRank } from '@weir/case-model';
import { runRuleTests } from '@weir/rule-engine';
import { compileRule, nearestName } from '@weir/rule-lang';
import type { TypedRule } from '@weir/rule-lang';
import { isSameRuleSet } from '@weir/pipeline';
import type { DataSource, EntityManager } from 'typeorm';
import type { z } from 'zod';
import { severityOfRank } from '../alerts/alert-record.js';
import { appendActivity } from '../audit/activity-log.js';
import type { FeedDraft } from '../feed/feed-draft.js';
import { ProblemError } from '../http/problem-error.js';
import type { RuleReleasePort, SchemaPort } from '../ports.js';
import type { RuleEntity, RuleReleaseEntity } from '../store/entities/rule.entity.js';

export interface RuleDeskOptions {
  readonly store: DataSource;
  readonly schema: SchemaPort;
  readonly releases: RuleReleasePort;
  /** Lists that exist or that a released rule names: a text from the desk may name no other. */
  readonly listNames: () => Promise<readonly string[]>;
  readonly now: () => number;
  readonly publish: (draft: FeedDraft) => void;
}

/** A rule file from disk. */
export interface RuleSource { readonly pack: string; readonly path: string; readonly text: string }
export interface ApplyResult {
  readonly released: readonly string[];
  readonly unchanged: readonly string[];
  /** Files that do not compile, fail a test, or need an engine that is not there: they change nothing. */
  readonly refused: readonly { readonly path: string; readonly check: RuleCheck }[];
}

interface StoredRule { readonly id: string; readonly pack: string; readonly mode: RuleRow['mode']; readonly release: number; readonly text: string }
interface Draft { readonly rule: TypedRule; readonly pack: string; readonly mode: RuleRow['mode']; readonly release: number; readonly text: string }
interface Quality { readonly rule: string; readonly alerts: number; readonly decided: number; readonly fraud: number }

const releaseLock = 7_731_903; // any constant: which advisory lock orders releases
const dayMs = 86_400_000;
const days = 30;

/**
 * The store of rules: text and releases in the database, the set in force in the event log.
 *
 * A release writes both: the log entry is appended inside the transaction, just before its commit. A crash between the two
 * leaves the log ahead; {@link RuleDesk.reconcile} at the next start releases what the database says.
 */
export class RuleDesk {
  constructor(private readonly options: RuleDeskOptions) {}

  /** Findings of a text, and its tests when it compiles. */
  async check(text: string, file = 'rule'): Promise<RuleCheck> { return this.#examine(text, file, await this.options.listNames()).check; }

  /** Refuses a text that does not compile; its tests may fail. */
  async requireCompiled(text: string): Promise<void> {
    const { rule, diagnostics } = compileRule(text, 'rule', { schema: this.options.schema.current().schema, lists: await this.options.listNames() });
    if (rule === undefined) throw new ProblemError(422, 'rule-refused', 'The rule does not compile', { ...refusalText({ ok: false, diagnostics, tests: [] }), diagnostics });
  }

  async list(): Promise<readonly RuleRow[]> {
    const rules = await this.options.store.query<RuleEntity[]>('select id, pack, mode, release, version, title, owner, severity, score, action, changed_at as "changedAt", changed_by as "changedBy" from rules order by id');
    return this.#withQuality(rules);
  }

  async detail(id: string): Promise<RuleDetail | undefined> {
    const rules = await this.options.store.query<RuleEntity[]>('select id, pack, mode, release, version, title, owner, severity, score, action, text, changed_at as "changedAt", changed_by as "changedBy" from rules where id = $1', [id]);
    const [rule] = rules;
    const [row] = await this.#withQuality(rules);
    if (rule === undefined || row === undefined) return undefined;
    const releases = await this.options.store.query<RuleReleaseEntity[]>('select release, version, at, by, why, text, mode from rule_releases where rule_id = $1 order by release desc', [id]);
    return { row, text: rule.text, releases: releases.map(({ release, version, at, by, why, text, mode }) => ({ release, version, at, by, why, text, mode })) };
  }

  /** The rule that an explanation is asked of: the stored text of an id, whatever its mode, or a draft. */
  async typedRule({ ruleId, text }: { readonly ruleId?: string | undefined; readonly text?: string | undefined }): Promise<TypedRule> {
    const { schema } = this.options.schema.current();
    if (text !== undefined) {
      await this.requireCompiled(text);
      const { rule } = compileRule(text, 'rule', { schema });
      if (rule !== undefined) return rule;
    }
    const stored = await this.options.store.query<{ id: string; text: string }[]>('select id, text from rules');
    const found = stored.find(({ id }) => id === ruleId);
    if (found === undefined) {
      const near = nearestName(ruleId ?? '', stored.map(({ id }) => id));
      throw new ProblemError(404, 'unknown-rule', 'There is no such rule', { detail: `There is no rule ${ruleId ?? ''}.${near === undefined ? '' : ` Did you mean ${near}?`}`, field: 'ruleId' });
    }
    const { rule, diagnostics } = compileRule(found.text, `${found.id}.yaml`, { schema });
    if (rule === undefined) throw new ProblemError(422, 'rule-refused', 'The rule does not compile', { ...refusalText({ ok: false, diagnostics, tests: [] }), diagnostics });
    return rule;
  }

  /** Checks, tests and releases one rule. `expected`: the release it is based on, 0 for a new rule. */
  async save(id: string, expected: number, save: z.infer<typeof SaveRule>, by: string): Promise<RuleDetail> {
    const { check, rule } = this.#examine(save.text, `${id}.yaml`, await this.options.listNames());
    if (rule === undefined || !check.ok) throw new ProblemError(422, 'rule-refused', 'The rule is refused; what runs stays as it is', { ...refusalText(check), diagnostics: check.diagnostics, tests: check.tests });
    if (rule.id !== id) throw new ProblemError(422, 'other-rule', 'The text is another rule', { detail: `The text says ${rule.id}, the address ${id}.`, field: 'rule' });
    await this.#release(by, save.why, async (manager, stored) => {
      const found = stored.find((other) => other.id === id);
      if ((found?.release ?? 0) !== expected) {
        const [last] = await manager.query<{ by: string; at: number }[]>('select by, at from rule_releases where rule_id = $1 order by release desc limit 1', [id]);
        throw new ProblemError(412, 'stale', 'Changed since you saw it', { detail: `Release ${found?.release ?? 0} is current, yours was based on ${expected}.`, ...(last === undefined ? {} : last), version: found?.release ?? 0 });
      }
      return [{ rule, pack: save.pack ?? found?.pack ?? 'own', mode: save.mode ?? 'live', release: expected + 1, text: save.text }];
    });
    const detail = await this.detail(id);
    if (detail === undefined) throw new Error(`rule ${id} vanished`);
    return detail;
  }

  /** Releases every file whose text differs from the store's, all in one entry of the log. Files may name lists that do not exist yet. */
  async apply(files: readonly RuleSource[], by: string, why: string, mode: 'live' | 'shadow' = 'live'): Promise<ApplyResult> {
    const examined = files.map((file) => ({ file, ...this.#examine(file.text, file.path) }));
    const refused = examined.filter(({ check, rule }) => !check.ok || rule === undefined).map(({ file, check }) => ({ path: file.path, check }));
    const released: string[] = [];
    const unchanged: string[] = [];
    await this.#release(by, why, async (_, stored) => examined.flatMap(({ file, check, rule }): Draft[] => {
      if (rule === undefined || !check.ok) return [];
      const found = stored.find(({ id }) => id === rule.id);
      if (found !== undefined && found.text === file.text) {
        unchanged.push(rule.id);
        return [];
      }
      released.push(rule.id);
      return [{ rule, pack: file.pack, mode: found?.mode ?? mode, release: (found?.release ?? 0) + 1, text: file.text }];
    }));
    return { released, unchanged, refused };
  }

  /**
   * Makes the newest rule set of the log equal to the store's; true when it was not. A store without any rule takes over the
   * log's instead (the first release was cut off before its commit, or the database is new). Call once at start.
   */
  async reconcile(): Promise<boolean> {
    return this.options.store.transaction(async (manager) => {
      await manager.query('select pg_advisory_xact_lock($1)', [releaseLock]);
      const stored = await storedRules(manager);
      const current = await this.options.releases.current();
      if (stored.length === 0) {
        await this.#adopt(manager, current?.rules ?? []);
        return false;
      }
      const rules = inForce(stored);
      const schemaText = this.options.schema.current().text;
      if (current !== undefined && isSameRuleSet(current, { schemaText, rules })) return false;
      await this.options.releases.release({ schemaText, rules, by: 'engine', why: 'the log was brought in line with the rule store' });
      return true;
    });
  }

  async #adopt(manager: EntityManager, released: readonly ReleasedRule[]): Promise<void> {
    for (const { id, mode, release, text } of released) {
      const { rule } = compileRule(text, `${id}.yaml`, { schema: this.options.schema.current().schema });
      if (rule !== undefined) await writeRelease(manager, { rule, pack: 'own', mode, release, text }, 'engine', 'found in the event log', this.options.now());
    }
  }

  #examine(text: string, file: string, lists?: readonly string[]): { readonly check: RuleCheck; readonly rule?: TypedRule } {
    const { schema } = this.options.schema.current();
    const { rule, diagnostics } = compileRule(text, file, { schema, lists });
    if (rule === undefined) return { check: { ok: false, diagnostics, tests: [] } };
    const tests = [...runRuleTests(rule, schema)];
    return { check: { ok: tests.every(({ passed }) => passed), diagnostics, tests }, rule };
  }

  async #release(by: string, why: string, draft: (manager: EntityManager, stored: readonly StoredRule[]) => Promise<readonly Draft[]>): Promise<void> {
    const release = await this.options.store.transaction(async (manager) => {
      await manager.query('select pg_advisory_xact_lock($1)', [releaseLock]);
      const now = this.options.now();
      const drafts = await draft(manager, await storedRules(manager));
      if (drafts.length === 0) return undefined;
      for (const one of drafts) await writeRelease(manager, one, by, why, now);
      await appendActivity(manager, drafts.map(({ rule, release: n, mode }) => ({ at: now, actor: by, kind: 'rule', text: `released ${rule.id} release ${n}, ${mode}: ${why}` })));
      await this.options.releases.release({ schemaText: this.options.schema.current().text, rules: inForce(await storedRules(manager)), by, why });
      return Math.max(...drafts.map((one) => one.release));
    });
    if (release !== undefined) this.options.publish({ kind: 'rules-changed', release });
  }

  async #withQuality(rules: readonly RuleEntity[]): Promise<readonly RuleRow[]> {
    const { store } = this.options;
    const now = this.options.now();
    const from = now - days * dayMs;
    const ids = rules.map(({ id }) => id);
    const [quality, open, perDay] = await Promise.all([
      store.query<Quality[]>(`select rule, count(*)::int as alerts, count(*) filter (where disposition in ('confirmed_fraud', 'false_positive'))::int as decided,
        count(*) filter (where disposition = 'confirmed_fraud')::int as fraud from alerts where rule = any($1) and received_at > $2 group by rule`, [ids, from]),
      store.query<{ rule: string; n: number }[]>(`select rule, count(*)::int as n from alerts where rule = any($1) and status = 'open' and mode = 'live' group by rule`, [ids]),
      store.query<{ rule: string; day: number; n: number }[]>('select rule, ((received_at - $2 - 1) / $3)::int as day, count(*)::int as n from alerts where rule = any($1) and received_at > $2 group by rule, day', [ids, from, dayMs]),
    ]);
    return rules.map((rule) => {
      const found = quality.find((row) => row.rule === rule.id);
      const alertsPerDay = new Array<number>(days).fill(0);
      for (const { rule: id, day, n } of perDay) if (id === rule.id && day >= 0 && day < days) alertsPerDay[day] = n;
      return {
        id: rule.id, title: rule.title, pack: rule.pack, owner: rule.owner, severity: severityOfRank(rule.severity), score: rule.score, action: rule.action as RuleRow['action'], // as: written from a typed rule
        mode: rule.mode, release: rule.release, version: rule.version, changedAt: rule.changedAt, changedBy: rule.changedBy, alertsPerDay,
        alerts30d: found?.alerts ?? 0, decided: found?.decided ?? 0, fraud: found?.fraud ?? 0, openAlerts: open.find((row) => row.rule === rule.id)?.n ?? 0,
      };
    });
  }
}

const storedRules = (manager: EntityManager): Promise<StoredRule[]> => manager.query<StoredRule[]>('select id, pack, mode, release, text from rules order by id');

const inForce = (rules: readonly StoredRule[]): readonly ReleasedRule[] => rules.flatMap(({ id, mode, release, text }) => (mode === 'off' ? [] : [{ id, mode, release, text }]));

async function writeRelease(manager: EntityManager, { rule, pack, mode, release, text }: Draft, by: string, why: string, now: number): Promise<void> {
  await manager.query(`insert into rules (id, pack, mode, release, version, title, owner, severity, score, action, text, changed_at, changed_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    on conflict (id) do update set pack = excluded.pack, mode = excluded.mode, release = excluded.release, version = excluded.version, title = excluded.title, owner = excluded.owner,
      severity = excluded.severity, score = excluded.score, action = excluded.action, text = excluded.text, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
  [rule.id, pack, mode, release, rule.version, rule.title, rule.owner, severityRank[rule.severity], rule.score, rule.action, text, now, by]);
  await manager.query('insert into rule_releases (rule_id, release, version, mode, text, at, by, why) values ($1, $2, $3, $4, $5, $6, $7, $8)', [rule.id, release, rule.version, mode, text, now, by, why]);
}

function refusalText(check: RuleCheck): { readonly detail: string } {
  const errors = check.diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first !== undefined) return { detail: `Line ${first.line}: ${first.message}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}` };
  const failed = check.tests.filter(({ passed }) => !passed);
  return { detail: `${failed.length} of ${check.tests.length} tests failed: ${[...new Set(failed.map(({ name }) => name))].slice(0, 5).join(', ')}` };
}

