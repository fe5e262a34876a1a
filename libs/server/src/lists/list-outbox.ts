import type { DataSource, EntityManager } from 'typeorm';
import type { IntakePort } from '../ports.js';

const listLock = 7_731_904; // any constant: which advisory lock orders list changes
/** Changes in one append. Below the intake's own bound, so a batch is never cut and no event comes between its changes. */
const batchSize = 1_000;

interface Unsent { readonly n: number; readonly list: string; readonly value: string; readonly change: 'add' | 'remove'; readonly by: string; readonly why: string }

/** Until the caller's transaction ends, nobody else changes a list or sends changes: `n` is the order of the log. */
export const lockLists = (manager: EntityManager): Promise<unknown> => manager.query('select pg_advisory_xact_lock($1)', [listLock]);

/**
 * Sends the list changes that are not known to be in the event log, oldest first, and notes their seq. Intake dates them: the
 * largest ts so far.
 *
 * A crash between log and note sends the same batch again. That changes nothing: only the newest batch can be repeated, its
 * changes stand together in the log without an event between them, and after it every entry is as it was before.
 *
 * @returns how many went out.
 */
export async function sendListChanges(store: DataSource, intake: Pick<IntakePort, 'appendInternal'>): Promise<number> {
  let sent = 0;
  for (;;) {
    const count = await sendBatch(store, intake);
    sent += count;
    if (count < batchSize) return sent;
  }
}

async function sendBatch(store: DataSource, intake: Pick<IntakePort, 'appendInternal'>): Promise<number> {
  const [waiting] = await store.query<{ n: number }[]>('select n from list_changes where seq is null limit 1');
  if (waiting === undefined) return 0;
  return store.transaction(async (manager) => {
    await lockLists(manager);
    const batch = await manager.query<Unsent[]>('select n, list, value, change, by, why from list_changes where seq is null order by n limit $1', [batchSize]);
    if (batch.length === 0) return 0;
    const answers = await intake.appendInternal(batch.map(({ list, value, change, by, why }) => ({ kind: 'list', list, value, change, by, why })));
    const seqs = answers.map((answer) => (answer.status === 'appended' ? answer.seq : undefined));
    if (seqs.length !== batch.length || seqs.includes(undefined)) throw new Error('the log did not take every list change');
    await manager.query('update list_changes c set seq = r.seq from unnest($1::bigint[], $2::bigint[]) as r(n, seq) where c.n = r.n', [batch.map(({ n }) => n), seqs]);
    return batch.length;
  });
}
