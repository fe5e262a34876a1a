import type { FieldValue } from '@weir/contracts';
import type { DataSource } from 'typeorm';
import type { IntakePort } from '../ports.js';

interface DueLabel { readonly event_id: string; readonly stated_ts: number; readonly fields: Readonly<Record<string, FieldValue>> }

const batchSize = 100;

/**
 * Sends the labels whose undo time is over into the event log and notes their seq.
 *
 * A crash between log and note sends the same event id again, which the log answers as a duplicate: no label is lost, none is
 * doubled. A label the log refuses is kept with its error and tried again with the next call.
 *
 * @returns how many went out.
 */
export async function sendDueLabels(store: DataSource, intake: Pick<IntakePort, 'appendLabel'>, now: number): Promise<number> {
  const due = await store.query<DueLabel[]>('select event_id, stated_ts, fields from label_outbox where sent_at is null and due_at <= $1 order by attempts, due_at limit $2', [now, batchSize]);
  let sent = 0;
  for (const label of due) {
    const answer = await intake.appendLabel({ id: label.event_id, ts: label.stated_ts, fields: label.fields });
    if (answer.status === 'rejected') {
      await store.query('update label_outbox set attempts = attempts + 1, last_error = $2 where event_id = $1', [label.event_id, `${answer.code}: ${answer.message}`]);
      continue;
    }
    await store.query('update label_outbox set sent_at = $2, seq = $3, attempts = attempts + 1 where event_id = $1', [label.event_id, now, answer.seq]);
    sent += 1;
  }
  return sent;
}
