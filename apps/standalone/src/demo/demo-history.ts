import { createMonth } from '@weir/demo-traffic';
import type { Intake } from '@weir/pipeline';

/** How much history the demo begins with, and whose. */
interface DemoHistory {
  readonly intake: Intake;
  readonly seed: string;
  /** Days before `endTs`; 0: none. */
  readonly days: number;
  readonly eventsPerDay: number;
  /** Epoch ms; the last event lies before it. */
  readonly endTs: number;
}

const dayMs = 86_400_000;
const batchEvents = 2_048;

/**
 * A past for the demo: days of traffic with labelled fraud, sent through the intake before any rule is live. So windows are
 * warm, and a rule can be backtested over weeks, from the first minute on. It raises no alert.
 *
 * @returns how many events the log has taken. After a crash half-way the log is not empty any more and the history stays as
 *   long as it got; that is why it is only called on an empty log.
 */
export async function sendDemoHistory({ intake, seed, days, eventsPerDay, endTs }: DemoHistory): Promise<number> {
  const encoder = new TextEncoder();
  let accepted = 0;
  let batch: { readonly raw: Uint8Array; readonly position: string }[] = [];
  const send = async (): Promise<void> => {
    const answers = await intake.acceptAll(batch, 'demo', { whenFull: 'wait' });
    accepted += answers.filter(({ status }) => status === 'accepted').length;
    batch = [];
  };
  for (const { event } of createMonth(`${seed}-history`, days, eventsPerDay, { startTs: endTs - days * dayMs })) {
    batch.push({ raw: encoder.encode(JSON.stringify(event)), position: String(accepted + batch.length + 1) });
    if (batch.length === batchEvents) await send();
  }
  if (batch.length > 0) await send();
  return accepted;
}
