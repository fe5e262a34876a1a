import type { FieldValue } from '@weir/contracts';
import type { DataSource } from 'typeorm';
import type { IntakePort } from '../ports.js';

interface DueLabel { readonly event_id: string; readonly fields: Record<string, FieldValue> }

const batchSize = 100;

/**
 * Sends the labels whose undo time is over into the event log and notes their seq. Intake dates them: the largest ts so far.
 *
 * A crash between log and note sends the same event id again, which the log answers as a duplicate: no label is lost, none is
 * doubled. A label the log refuses is kept with its error and tried again with the next call.
 *
 * @returns how many went out.
 */
export async function sendDueLabels(store: DataSource, intake: Pick<IntakePort, 'appendInternal'>, now: number): Promise<number> {
  const due = await store.query<DueLabel[]>('select event_id, fields from label_outbox where sent_at is null and due_at <= $1 order by attempts, due_at limit $2', [now, batchSize]);
  let sent = 0;
  for (const label of due) {
    const [answer] = await intake.appendInternal([{ kind: 'event', id: label.event_id, type: 'label', fields: label.fields, channel: 'desk' }]);
    if (answer === undefined || answer.status === 'conflict' || answer.status === 'skipped') {
      await store.query('update label_outbox set attempts = attempts + 1, last_error = $2 where event_id = $1', [label.event_id, answer?.status === 'conflict' ? answer.message : 'the log did not take it']);
      continue;
    }
    await store.query('update label_outbox set sent_at = $2, seq = $3, attempts = attempts + 1 where event_id = $1', [label.event_id, now, answer.seq]);
    sent += 1;
  }
  return sent;
}
