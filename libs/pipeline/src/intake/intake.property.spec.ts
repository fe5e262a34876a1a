import { describe, expect, it } from '@jest/globals';
import type { IngestAnswer, LogEntry } from '@weir/contracts';
import { openCheckpoints, openDeadLetters, openEventLog } from '@weir/connectors';
import { parseSchema, type EventSchema } from '@weir/rule-lang';
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIntake } from './create-intake.js';
import type { IntakeItem } from './intake-item.js';

const schema = ((): EventSchema => {
  const parsed = parseSchema('version: 1\nevents:\n  payment:\n    n: { type: int }\n  label:\n    late: restamp\n    event_id: { type: string, required: true }\n    fraud: { type: bool, required: true }\n');
  if (parsed.schema === undefined) throw new Error('schema');
  return parsed.schema;
})();
/** Short spans, so that late, future and forgotten ids all occur. */
const options = { horizonMs: 120, maxOutOfOrdernessMs: 29, maxFutureMs: 20 };
const now = 1_000;

interface Sent { readonly id: number; readonly ts: number; readonly n: number; readonly kind: 'payment' | 'label' | 'bad' }
const arbSent: fc.Arbitrary<Sent> = fc.record({ id: fc.integer({ min: 0, max: 25 }), ts: fc.oneof(fc.integer({ min: 700, max: 1_030 }), fc.integer({ min: 70, max: 103 }).map((n) => n * 10)), n: fc.integer({ min: 0, max: 1 }), kind: fc.constantFrom('payment', 'payment', 'payment', 'label', 'bad') });

function itemOf(sent: Sent, i: number): IntakeItem {
  const text = sent.kind === 'bad' ? `{"id":"e${sent.id}","type":"payment","ts":1,"n":"no"}`
    : sent.kind === 'label' ? `{"id":"l${sent.id}","type":"label","ts":${sent.ts},"event_id":"x","fraud":true}`
      : `{"id":"e${sent.id}","type":"payment","ts":${sent.ts},"n":${sent.n}}`;
  return { raw: new TextEncoder().encode(text), position: `[${i}]` };
}

/** Sends each batch as one request, with a stop and a start after the batches named. */
async function run(batches: readonly (readonly Sent[])[], restartAfter: ReadonlySet<number>, withStates: boolean): Promise<{ answers: IngestAnswer[]; entries: LogEntry[] }> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-intake-'));
  try {
    const answers: IngestAnswer[] = [];
    const entries: LogEntry[] = [];
    const deadLetters = await openDeadLetters(join(dir, 'letters'));
    const states = withStates ? await openCheckpoints(join(dir, 'states')) : undefined;
    const start = async () => {
      const log = await openEventLog(join(dir, 'log'), { maxSegmentBytes: 1_500 });
      return { log, intake: await createIntake({ log, deadLetters, schema, clock: () => now, states, options }) };
    };
    let { log, intake } = await start();
    for (const [i, batch] of batches.entries()) {
      answers.push(...await intake.acceptAll(batch.map(itemOf), 'test'));
      if (!restartAfter.has(i)) continue;
      await intake.close();
      await log.close();
      ({ log, intake } = await start());
    }
    for await (const batch of log.read(1)) entries.push(...batch);
    await intake.close();
    await log.close();
    await deadLetters.close();
    return { answers, entries };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The oracle: a list, looked through from the beginning for each event. */
function answersByList(all: readonly Sent[]): string[] {
  const kept: { id: string; ts: number; n: number; at: number; seq: number }[] = [];
  let largest = 0;
  return all.map((sent) => {
    if (sent.kind === 'bad') return 'bad-type';
    const id = `${sent.kind === 'label' ? 'l' : 'e'}${sent.id}`;
    const n = sent.kind === 'label' ? 0 : sent.n;
    const known = kept.find((entry) => entry.id === id && entry.at > largest - options.horizonMs);
    if (known !== undefined) return known.ts === sent.ts && known.n === n ? `duplicate ${known.seq}` : 'conflict';
    if (sent.ts > now + options.maxFutureMs) return 'future';
    const late = largest > 0 && sent.ts <= largest - options.maxOutOfOrdernessMs - 1;
    largest = Math.max(largest, sent.ts);
    kept.push({ id, ts: sent.ts, n, at: largest, seq: kept.length + 1 });
    return `${late && sent.kind !== 'label' ? 'late' : 'accepted'} ${kept.length}`;
  });
}

const shown = (answer: IngestAnswer): string => (answer.status === 'rejected' ? answer.code : `${answer.status} ${answer.seq}`);

describe('intake', () => {
  it('answers as a plain list does, whatever the requests and wherever it is stopped and started', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.array(arbSent, { minLength: 1, maxLength: 12 }), { maxLength: 8 }), fc.array(fc.nat(7), { maxLength: 3 }), fc.boolean(), async (batches, restarts, withStates) => {
      const { answers, entries } = await run(batches, new Set(restarts), withStates);
      expect(answers.map(shown)).toEqual(answersByList(batches.flat()));
      expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, i) => i + 1));
      expect(entries).toHaveLength(answers.filter((answer) => answer.status === 'accepted' || answer.status === 'late').length);
    }), { numRuns: 150 });
  }, 60_000);
});
