import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Alert } from '@weir/contracts';
import { compareQueueEntries, queueOrderSql, type QueueEntry } from '@weir/case-model';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { openCaseStore } from '../store/open-case-store.js';
import { startTestPostgres, type TestPostgres } from '../testing/test-database.js';
import { openAlertStore, type AlertStore, type StoredAlerts } from './alert-store.js';

let postgres: TestPostgres;
let store: DataSource;
let alerts: AlertStore;
let stored: StoredAlerts[];
const now = 1_790_000_000_000;
let clock = now;

const schema = { version: 1, hash: 'x', types: [{ name: 'payment', late: 'drop' as const, fields: [
  { name: 'account_id', type: 'string' as const, required: true, scale: 0, pii: true },
  { name: 'amount', type: 'decimal' as const, required: true, scale: 2, pii: false, currency: { field: 'currency' } }] }] };

beforeAll(async () => { postgres = await startTestPostgres(); });
afterAll(async () => { await postgres?.stop(); });
beforeEach(async () => {
  await store?.destroy();
  store = await openCaseStore(await postgres.newDatabase());
  alerts = await openAlertStore({ store, schema: { current: () => ({ text: '', schema }) }, now: () => clock });
  stored = [];
  alerts.onStored((one) => stored.push(one));
});
afterAll(async () => { await store?.destroy(); });

const hex = (n: number): string => n.toString(16).padStart(32, '0');
const alertOf = (n: number, more: Partial<Alert> = {}): Alert => ({
  version: 1, alertId: hex(n), seq: n, rule: 'r', ruleVersion: 'v', title: 'T', severity: 'medium', score: 50, action: 'review', ts: now + n, key: [{ field: 'account_id', value: 'a-1' }],
  trigger: { seq: n, id: `e-${n}`, type: 'payment', ts: now + n, late: false, fields: { account_id: 'a-1', amount: '10.5', currency: 'EUR' } },
  reason: 'because', reasonParts: [], warm: true, mode: 'live', ...more,
});
const ids = async (): Promise<readonly string[]> => (await store.query<{ id: string }[]>('select id from alerts order by id')).map(({ id }) => id);
const count = async (table: string): Promise<number> => (await store.query<{ n: number }[]>(`select count(*)::int as n from ${table}`))[0]?.n ?? -1;

describe('the alert store', () => {
  it('writes alerts and progress, and drops what comes again, by seq and by id', async () => {
    await alerts.write([alertOf(1), alertOf(2), alertOf(2)], 5);
    expect([await ids(), await alerts.progress()]).toEqual([[hex(1), hex(2)], 5]);
    await alerts.write([alertOf(1), alertOf(2), alertOf(3)], 5);
    expect(await ids()).toEqual([hex(1), hex(2)]);
    await alerts.write([alertOf(6), alertOf(1, { seq: 7 })], 8);
    expect([await ids(), await alerts.progress()]).toEqual([[hex(1), hex(2), hex(6)], 8]);
    await alerts.write([], 4);
    expect(await alerts.progress()).toBe(8);
    expect(stored.map((one) => one.alerts.length)).toEqual([2, 1]);
  });

  it.each(['alerts', 'cases', 'progress', 'activity'])('leaves nothing of a write that fails at %s', async (table) => {
    await alerts.write([alertOf(1, { severity: 'low' })], 1);
    await store.query(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'disk gone'; end $$`);
    await store.query(`create constraint trigger refuse after insert or update on ${table} deferrable initially deferred for each row execute function refuse()`);
    await expect(alerts.write([alertOf(2, { severity: 'critical' }), alertOf(3, { key: [{ field: 'account_id', value: 'a-2' }] })], 3)).rejects.toThrow('disk gone');
    expect([await ids(), await count('cases'), await alerts.progress(), stored.length]).toEqual([[hex(1)], 1, 1, 1]);
    await store.query(`drop trigger refuse on ${table}`);
    await alerts.write([alertOf(2, { severity: 'critical' }), alertOf(3, { key: [{ field: 'account_id', value: 'a-2' }] })], 3);
    expect([await ids(), await count('cases'), await alerts.progress(), stored.length]).toEqual([[hex(1), hex(2), hex(3)], 2, 3, 2]);
  });

  it('leaves nothing when its connection is cut in the middle of the transaction', async () => {
    await store.query('create table gate (open boolean)');
    await store.query(`create function cut() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`);
    await store.query('create trigger cut after insert on alerts execute function cut()');
    await expect(alerts.write([alertOf(1)], 1)).rejects.toThrow();
    expect([await ids(), await count('cases'), await alerts.progress()]).toEqual([[], 0, 0]);
  });

  it('writes the same set when two writers repeat the same batch at once', async () => {
    const other = await openAlertStore({ store, schema: { current: () => ({ text: '', schema }) }, now: () => clock });
    const batch = Array.from({ length: 50 }, (_, n) => alertOf(n + 1, { key: [{ field: 'account_id', value: `a-${n % 7}` }] }));
    await Promise.all([alerts.write(batch, 50), other.write(batch, 50), alerts.write(batch, 50)]);
    expect([(await ids()).length, await count('cases')]).toEqual([50, 7]);
  });

  it('groups by subject: joins, raises, opens again, begins anew', async () => {
    const write = (n: number, severity: Alert['severity']) => alerts.write([alertOf(n, { severity })], n);
    await write(1, 'medium');
    await write(2, 'low');
    await write(3, 'critical');
    const cases = () => store.query<{ id: string; status: string; priority: string; version: number }[]>('select id, status, priority, version from cases order by id');
    expect(await cases()).toEqual([{ id: 'C-1001', status: 'open', priority: 'critical', version: 2 }]);
    await store.query(`update cases set status = 'closed', closed_at = $1`, [now]);
    await write(4, 'low');
    expect(await cases()).toEqual([{ id: 'C-1001', status: 'in_progress', priority: 'critical', version: 3 }]);
    await store.query(`update cases set status = 'closed', closed_at = $1`, [now]);
    clock = now + 8 * 86_400_000;
    await write(5, 'low');
    clock = now;
    expect(await cases()).toMatchObject([{ id: 'C-1001', status: 'closed' }, { id: 'C-1002', status: 'open', priority: 'low' }]);
    const story = await store.query<{ text: string }[]>('select text from activity order by n');
    expect(story.map(({ text }) => text)).toEqual(['opened by r', 'priority raised to critical', 'opened again by r', 'opened by r']);
  });

  it('keeps text that PostgreSQL refuses readable, and numbers exact', async () => {
    await alerts.write([alertOf(1, { reason: 'a\0b \ud800 c \\u0000', title: 'T\0', key: [{ field: 'account_id', value: 'x\0y' }], trigger: { seq: 1, id: 'e', type: 'payment', ts: now, late: false, fields: { account_id: 'x\0y', amount: '90071992547409.91', currency: 'KWD' } } })], 1);
    const [row] = await store.query<{ reason: string; amount: string; alert: Alert }[]>('select reason, amount::text as amount, alert from alerts');
    expect(row).toMatchObject({ reason: 'a\ufffdb \ufffd c \\u0000', amount: '90071992547409.91', alert: { reason: 'a\ufffdb \ufffd c \\u0000' } });
  });

  it('sorts the queue in SQL exactly as the pure comparator does', async () => {
    await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.record({
      id: fc.integer({ min: 0, max: 999 }).map(hex), score: fc.integer({ min: 0, max: 3 }), ts: fc.integer({ min: now - 2, max: now }), slaDueAt: fc.constantFrom(now - 1, now, now + 899_999, now + 900_000, now + 900_001),
    }), { selector: ({ id }) => id, minLength: 1, maxLength: 40 }), async (entries: readonly QueueEntry[]) => {
      const sorted = await store.query<{ id: string }[]>(`select id from jsonb_to_recordset($2::jsonb) as r(id text, score int, ts bigint, sla_due_at bigint) order by ${queueOrderSql('$1::bigint')}`,
        [now, JSON.stringify(entries.map(({ id, score, ts, slaDueAt }) => ({ id, score, ts, sla_due_at: slaDueAt })))]);
      expect(sorted.map(({ id }) => id)).toEqual([...entries].sort((a, b) => compareQueueEntries(a, b, now)).map(({ id }) => id));
    }), { numRuns: 50 });
  });
});

describe('the schema', () => {
  it('is exactly what the entities say', async () => {
    const { upQueries } = await store.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('goes back to nothing and up again', async () => {
    for (const _ of store.migrations) await store.undoLastMigration();
    expect((await store.query<{ n: number }[]>(`select count(*)::int as n from information_schema.tables where table_schema = 'public' and table_name <> 'migrations'`))[0]?.n).toBe(0);
    await store.runMigrations();
    expect(await count('alerts')).toBe(0);
  });
});
