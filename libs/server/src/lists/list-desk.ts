import type { AddListEntries, ListAnswer, ListEntryRow, ListPage, ListRow, ListValueAnswer, RemoveListEntries } from '@weir/contracts';
import type { Logger } from 'pino';
import type { DataSource, EntityManager } from 'typeorm';
import { appendActivity } from '../audit/activity-log.js';
import type { IntakePort } from '../ports.js';
import { plainText } from '../store/jsonb-text.js';
import { lockLists, sendListChanges } from './list-outbox.js';
import { judgeValue } from './list-values.js';
import type { JudgedValue } from './list-values.js';
import type { ListsOfRules } from './lists-of-rules.js';

export interface ListDeskOptions {
  readonly store: DataSource;
  readonly intake: Pick<IntakePort, 'appendInternal'>;
  readonly rules: ListsOfRules;
  /** Name of the event log that the changes go to. */
  readonly logName: string;
  /** Oldest entry that the event log still holds. */
  readonly logFirstSeq: () => number;
  readonly now: () => number;
  readonly log: Logger;
}

interface StoredList { readonly name: string; readonly entries: number; readonly changed_at: number; readonly changed_by: string }
interface StoredEntry { readonly value: string; readonly why: string; readonly by: string; readonly added_at: number; readonly until: number | null; readonly change_n: number; readonly seq: number | null }
/** Why something changes, by whom and when. */
interface Act { readonly by: string; readonly why: string; readonly now: number }
interface Changed { readonly answers: readonly ListValueAnswer[]; readonly lastChange?: number | undefined }

const logNameSetting = 'list-log';
const expiryBatch = 1_000;

/**
 * Named lists. What people change is written with its facts in one transaction, as entries to show and as changes to send; the
 * event log has them right after, in the same order. A change counts for rules by its place in the log, never by this table.
 */
export class ListDesk {
  /** Entries added before it were added again. */
  #firstSeq = 1;

  constructor(private readonly options: ListDeskOptions) {}

  /** Names of the lists that exist: those with an entry now or before, and those a released rule names. */
  async names(): Promise<readonly string[]> { return (await this.all()).map(({ name }) => name); }

  /** Sorted by name. */
  async all(): Promise<readonly ListRow[]> {
    const [stored, usedBy] = await Promise.all([
      this.options.store.query<StoredList[]>('select l.name, l.changed_at, l.changed_by, (select count(*)::int from list_entries e where e.list = l.name) as entries from lists l'),
      this.options.rules.read(),
    ]);
    const known = new Map(stored.map((list) => [list.name, list]));
    return [...new Set([...known.keys(), ...usedBy.keys()])].sort().map((name) => {
      const list = known.get(name);
      return { name, entries: list?.entries ?? 0, usedBy: [...(usedBy.get(name) ?? [])], ...(list === undefined ? {} : { changedAt: list.changed_at, changedBy: list.changed_by }) };
    });
  }

  /** Entries newest first; `cursor` as given out before. Undefined: there is no such list. */
  async page(name: string, cursor: number | undefined, limit: number): Promise<ListPage | undefined> {
    const list = await this.#row(name);
    if (list === undefined) return undefined;
    const rows = await this.options.store.query<StoredEntry[]>(`select e.value, e.why, e.by, e.added_at, e.until, e.change_n, c.seq from list_entries e join list_changes c on c.n = e.change_n
      where e.list = $1 and e.change_n < $2 order by e.change_n desc limit $3`, [name, cursor ?? Number.MAX_SAFE_INTEGER, limit + 1]);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { list, items: items.map(entryRow), ...(rows.length > limit && last !== undefined ? { nextCursor: String(last.change_n) } : {}) };
  }

  /** Adds values; the first one makes the list. Answered when the changes are durable, and in the log unless that refuses now. */
  async add(name: string, { values, why, until }: AddListEntries, by: string): Promise<ListAnswer> {
    const act: Act = { by, why: plainText(why), now: this.options.now() };
    const judged = values.map(judgeValue);
    const good = distinct(judged);
    return this.#answer(name, await this.#locked(async (manager) => {
      const found = await manager.query<{ value: string; until: number | null }[]>('select value, until from list_entries where list = $1 and value = any($2)', [name, good]);
      const known = new Set(found.map(({ value }) => value));
      const fresh = good.filter((value) => !known.has(value));
      const moved = until === undefined ? [] : found.filter((entry) => entry.until !== until).map(({ value }) => value);
      const lastChange = await writeChanges(manager, name, fresh, 'add', act);
      if (fresh.length > 0) {
        await manager.query(`insert into list_entries (list, value, why, by, added_at, until, change_n)
          select list, value, why, by, at, $3, n from list_changes where list = $1 and value = any($2) and n > $4`, [name, fresh, until ?? null, lastChange - fresh.length]);
      }
      if (moved.length > 0) await manager.query('update list_entries set until = $3, why = $4, by = $5 where list = $1 and value = any($2)', [name, moved, until, act.why, by]);
      await touch(manager, name, fresh.length + moved.length, act);
      await appendActivity(manager, [
        ...(fresh.length === 0 ? [] : [{ at: act.now, actor: by, kind: 'list', text: `added ${fresh.length} to ${name}: ${act.why}`, detail: { list: name, change: 'add', values: fresh, until: until ?? null } }]),
        ...(moved.length === 0 ? [] : [{ at: act.now, actor: by, kind: 'list', text: `set the end of ${moved.length} on ${name}: ${act.why}`, detail: { list: name, change: 'until', before: found.filter(({ value }) => moved.includes(value)), until } }]),
      ]);
      return { answers: answersOf(judged, new Set(fresh), 'new', 'known'), ...(fresh.length === 0 ? {} : { lastChange }) };
    }));
  }

  /** Takes values off. Undefined: there is no such list. */
  async remove(name: string, { values, why }: RemoveListEntries, by: string): Promise<ListAnswer | undefined> {
    if (await this.#row(name) === undefined) return undefined;
    const act: Act = { by, why: plainText(why), now: this.options.now() };
    const judged = values.map(judgeValue);
    return this.#answer(name, await this.#locked(async (manager) => {
      const found = await manager.query<StoredEntry[]>('select value, why, by, added_at, until from list_entries where list = $1 and value = any($2) order by change_n', [name, distinct(judged)]);
      const gone = found.map(({ value }) => value);
      const lastChange = await this.#takeOff(manager, name, found, act);
      return { answers: answersOf(judged, new Set(gone), 'removed', 'absent'), ...(gone.length === 0 ? {} : { lastChange }) };
    }));
  }

  /**
   * Takes off what is past its time, adds again what the log has deleted by age or size, so that the log alone says what stands
   * on a list, and sends what waits. Called once a second.
   */
  async beat(): Promise<void> {
    const now = this.options.now();
    const [due] = await this.options.store.query<{ value: string }[]>('select value from list_entries where until <= $1 limit 1', [now]);
    if (due !== undefined) {
      await this.#locked(async (manager) => {
        const ended = await manager.query<(StoredEntry & { readonly list: string })[]>('select list, value, why, by, added_at, until from list_entries where until <= $1 order by until, change_n limit $2', [now, expiryBatch]);
        for (const name of new Set(ended.map(({ list }) => list))) await this.#takeOff(manager, name, ended.filter(({ list }) => list === name), { by: 'engine', why: 'its time was over', now });
      });
    }
    await this.#addForgotten(now);
    await sendListChanges(this.options.store, this.options.intake);
  }

  async #addForgotten(now: number): Promise<void> {
    const firstSeq = this.options.logFirstSeq();
    if (firstSeq <= this.#firstSeq) return;
    await this.#locked((manager) => addAgain(manager, firstSeq, 'the log no longer held its adding', now));
    this.#firstSeq = firstSeq;
  }

  /**
   * Makes the event log know the lists: when it is another log than the one they were sent to (deleted and begun anew), every
   * entry is sent again. True when it was. Call once at start.
   */
  async reconcile(): Promise<boolean> {
    const { store, logName, now } = this.options;
    const isOther = await store.transaction(async (manager) => {
      await lockLists(manager);
      const [before] = await manager.query<{ value: string }[]>('select value from settings where key = $1', [logNameSetting]);
      if (before?.value === logName) return false;
      await manager.query('insert into settings (key, value) values ($1, to_jsonb($2::text)) on conflict (key) do update set value = excluded.value', [logNameSetting, logName]);
      if (before === undefined) return false;
      // What waited for the former log is part of the entries, or takes off what this log never had.
      await manager.query('update list_changes set seq = 0 where seq is null');
      await addAgain(manager, Number.MAX_SAFE_INTEGER, 'another event log was begun', now());
      return true;
    });
    await this.#send();
    return isOther;
  }

  async #takeOff(manager: EntityManager, name: string, entries: readonly StoredEntry[], act: Act): Promise<number> {
    if (entries.length === 0) return 0;
    const values = entries.map(({ value }) => value);
    const lastChange = await writeChanges(manager, name, values, 'remove', act);
    await manager.query('delete from list_entries where list = $1 and value = any($2)', [name, values]);
    await touch(manager, name, values.length, act);
    const before = entries.map(({ value, why, by, until }) => ({ value, why, by, until }));
    await appendActivity(manager, [{ at: act.now, actor: act.by, kind: 'list', text: `took ${values.length} off ${name}: ${act.why}`, detail: { list: name, change: 'remove', before } }]);
    return lastChange;
  }

  #locked<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.options.store.transaction(async (manager) => {
      await lockLists(manager);
      return work(manager);
    });
  }

  async #answer(name: string, { answers, lastChange }: Changed): Promise<ListAnswer> {
    if (lastChange !== undefined) await this.#send();
    const [change] = lastChange === undefined ? [] : await this.options.store.query<{ seq: number | null }[]>('select seq from list_changes where n = $1', [lastChange]);
    const list = await this.#row(name) ?? { name, entries: 0, usedBy: [] };
    return { list, answers: [...answers], ...(typeof change?.seq === 'number' ? { seq: change.seq } : {}) };
  }

  /** The changes are durable already: a log that refuses now is told about, and tried again with the next beat. */
  async #send(): Promise<void> {
    try {
      await sendListChanges(this.options.store, this.options.intake);
    } catch (error) {
      this.options.log.warn({ err: error }, 'list changes wait for the event log');
    }
  }

  async #row(name: string): Promise<ListRow | undefined> { return (await this.all()).find((list) => list.name === name); }
}

const entryRow = ({ value, why, by, added_at, until, seq }: StoredEntry): ListEntryRow => ({ value, why, by, addedAt: added_at, ...(until === null ? {} : { until }), ...(seq === null ? {} : { seq }) });

const distinct = (judged: readonly JudgedValue[]): readonly string[] => [...new Set(judged.flatMap(({ value, fault }) => (fault === undefined ? [value] : [])))];

/** The first of equal values is the one that changed something. */
function answersOf(judged: readonly JudgedValue[], changed: ReadonlySet<string>, changedStatus: 'new' | 'removed', otherStatus: 'known' | 'absent'): readonly ListValueAnswer[] {
  const seen = new Set<string>();
  return judged.map(({ value, fault }) => {
    if (fault !== undefined) return { value, status: 'bad', reason: fault };
    const isFirst = !seen.has(value);
    seen.add(value);
    return { value, status: isFirst && changed.has(value) ? changedStatus : otherStatus };
  });
}

/** Rows of the outbox with consecutive numbers (the lock is held), in the order of `values`. @returns the last number; 0 without values. */
async function writeChanges(manager: EntityManager, list: string, values: readonly string[], change: 'add' | 'remove', { by, why, now }: Act): Promise<number> {
  if (values.length === 0) return 0;
  const rows = await manager.query<{ n: number }[]>(`insert into list_changes (list, value, change, by, why, at)
    select $1, value, $3, $4, $5, $6 from unnest($2::text[]) with ordinality as v(value, place) order by place returning n`, [list, values, change, by, why, now]);
  return Math.max(...rows.map(({ n }) => n));
}

/** New changes for the entries whose adding lies before `firstSeq` of the log; to rules they say what was so already. */
async function addAgain(manager: EntityManager, firstSeq: number, why: string, now: number): Promise<void> {
  const [last] = await manager.query<{ n: number }[]>('select coalesce(max(n), 0) as n from list_changes');
  await manager.query(`insert into list_changes (list, value, change, by, why, at)
    select e.list, e.value, 'add', 'engine', $2, $3 from list_entries e join list_changes c on c.n = e.change_n where c.seq < $1 order by e.change_n`, [firstSeq, why, now]);
  await manager.query('update list_entries e set change_n = c.n from list_changes c where c.list = e.list and c.value = e.value and c.n > $1', [last?.n ?? 0]);
}

async function touch(manager: EntityManager, name: string, changes: number, { by, now }: Act): Promise<void> {
  if (changes === 0) return;
  await manager.query('insert into lists (name, changed_at, changed_by) values ($1, $2, $3) on conflict (name) do update set changed_at = excluded.changed_at, changed_by = excluded.changed_by', [name, now, by]);
}
