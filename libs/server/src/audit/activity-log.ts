import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { jsonbText, plainText } from '../store/jsonb-text.js';

/** One fact of the desk before it has its place in the chain. */
export interface Fact {
  readonly at: number;
  /** User name, `key:<name>`, or `engine`. */
  readonly actor: string;
  readonly kind: string;
  /** One sentence for people. */
  readonly text: string;
  readonly alertId?: string | undefined;
  readonly caseId?: string | undefined;
  readonly detail?: unknown;
}

const chainLock = 7_731_902; // any constant: which advisory lock orders the chain
const zero = '0'.repeat(64);

interface ActivityRecord { readonly n: number; readonly at: number; readonly actor: string; readonly kind: string; readonly text: string; readonly alert_id: string | null; readonly case_id: string | null; readonly detail: unknown; readonly hash: string }

/** Objects of `detail` come back from jsonb with their keys in another order: sort them. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, canonical(inner)]));
}

const hashOf = (previous: string, row: Omit<ActivityRecord, 'hash'>): string =>
  createHash('sha256').update(JSON.stringify([previous, row.n, row.at, row.actor, row.kind, row.text, row.alert_id, row.case_id, canonical(row.detail ?? null)])).digest('hex');

/**
 * Adds facts to the chain in the caller's transaction. Call it last: from here to the commit the transaction holds the chain,
 * and takes no other lock, so writers wait for each other but never in a circle.
 */
export async function appendActivity(manager: EntityManager, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return;
  await manager.query('select pg_advisory_xact_lock($1)', [chainLock]);
  const [last] = await manager.query<{ n: number; hash: string }[]>('select n, hash from activity order by n desc limit 1');
  let n = last?.n ?? 0;
  let hash = last?.hash ?? zero;
  const rows = facts.map((fact) => {
    n += 1;
    const detail: unknown = fact.detail === undefined ? null : JSON.parse(jsonbText(fact.detail));
    const row = { n, at: fact.at, actor: fact.actor, kind: fact.kind, text: plainText(fact.text), alert_id: fact.alertId ?? null, case_id: fact.caseId ?? null, detail };
    hash = hashOf(hash, row);
    return { ...row, hash };
  });
  await manager.query(`insert into activity (n, at, actor, kind, text, alert_id, case_id, detail, hash)
    select n, at, actor, kind, text, alert_id, case_id, nullif(detail, 'null'::jsonb), hash from jsonb_to_recordset($1::jsonb)
      as r(n bigint, at bigint, actor text, kind text, text text, alert_id text, case_id text, detail jsonb, hash text)`, [jsonbText(rows)]);
}

export type ChainState = { readonly ok: true; readonly rows: number; readonly lastAt?: number | undefined } | { readonly ok: false; readonly rows: number; readonly brokenAt: number };

/** Recomputes the whole chain in pages; names the first row that was changed, removed or put in. */
export async function verifyActivity(manager: EntityManager): Promise<ChainState> {
  let hash = zero;
  let n = 0;
  let lastAt: number | undefined;
  for (;;) {
    const page = await manager.query<ActivityRecord[]>('select n, at, actor, kind, text, alert_id, case_id, detail, hash from activity where n > $1 order by n limit 1000', [n]);
    for (const row of page) {
      if (row.n !== n + 1 || hashOf(hash, row) !== row.hash) return { ok: false, rows: n, brokenAt: n + 1 };
      n = row.n;
      hash = row.hash;
      lastAt = row.at;
    }
    if (page.length < 1000) return { ok: true, rows: n, ...(lastAt === undefined ? {} : { lastAt }) };
  }
}
