import { describe, expect, it } from '@jest/globals';
import type { IngestAnswer, LogEntry } from '@weir/contracts';
import { openDeadLetters, openEventLog } from '@weir/connectors';
import { parseSchema, type EventSchema } from '@weir/rule-lang';
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIntake, type Intake } from './create-intake.js';
import type { IntakeItem } from './intake-item.js';

const schema = ((): EventSchema => {
  const parsed = parseSchema('version: 1\nevents:\n  payment:\n    n: { type: int }\n  label:\n    late: restamp\n    event_id: { type: string, required: true }\n    fraud: { type: bool, required: true }\n', 'schema.yaml');
  if (parsed.schema === undefined) throw new Error('schema');
  return parsed.schema;
})();
const options = { maxOutOfOrdernessMs: 29, maxFutureMs: 20, sourceIdleAfterMs: 1_000 };
const eventItem = (id: string, ts: number): IntakeItem => ({ raw: new TextEncoder().encode(`{"id":"${id}","type":"payment","ts":${ts},"n":1}`), position: id });

interface Bench { readonly intake: Intake; readonly clock: { now: number }; readonly entries: () => Promise<LogEntry[]> }
async function withIntake<R>(use: (bench: Bench) => Promise<R>): Promise<R> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-sources-'));
  const log = await openEventLog(join(dir, 'log'));
  const deadLetters = await openDeadLetters(join(dir, 'letters'));
  const clock = { now: 1_000_000 };
  const intake = await createIntake({ log, deadLetters, schema, clock: () => clock.now, options });
  try {
    return await use({
      intake, clock,
      entries: async () => {
        const entries: LogEntry[] = [];
        for await (const batch of log.read(1)) entries.push(...batch);
        return entries;
      },
    });
  } finally {
    await intake.close();
    await log.close();
    await deadLetters.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** A sender: it gives a batch when the test says so, and the test may wait until the batch was taken. */
class Sender {
  private readonly batches: (readonly IntakeItem[])[] = [];
  private wake: () => void = () => undefined;
  private isEnded = false;
  readonly answers: IngestAnswer[] = [];
  readonly done: Promise<void>;

  constructor(intake: Intake, source: string | undefined) {
    this.done = (async () => {
      for await (const answers of intake.accept(this.stream(), 'test', { source })) this.answers.push(...answers);
    })();
  }

  send(batch: readonly IntakeItem[]): void { this.batches.push(batch); this.wake(); }
  end(): void { this.isEnded = true; this.wake(); }

  private async *stream(): AsyncGenerator<readonly IntakeItem[]> {
    for (;;) {
      const batch = this.batches.shift();
      if (batch !== undefined) yield batch;
      else if (this.isEnded) return;
      else await new Promise<void>((resolve) => { this.wake = resolve; });
    }
  }
}

/** Lets everything happen that needs no clock. */
async function settle(): Promise<void> { for (let i = 0; i < 20; i += 1) await new Promise((resolve) => { setImmediate(resolve); }); }

/** Turns of the event loop until it holds; writes to the log take some. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; !holds(); i += 1) {
    if (i > 100_000) throw new Error('it never came to hold');
    await new Promise((resolve) => { setImmediate(resolve); });
  }
}

/** Two sources that have sent one event each, and of `a` a second one that waits for `b`. */
async function oneWaiting({ intake }: Bench): Promise<{ readonly a: Sender; readonly b: Sender }> {
  const [a, b] = [new Sender(intake, 'a'), new Sender(intake, 'b')];
  b.send([eventItem('b-1', 1_000)]);
  a.send([eventItem('a-1', 1_000)]);
  await until(() => a.answers.length === 1 && b.answers.length === 1);
  a.send([eventItem('a-2', 2_000)]);
  await settle();
  return { a, b };
}

const names = ['a', 'b', 'c'] as const;
/** Each source in order by itself but for less than the bound; one may run far ahead of another. */
const arbTimes = fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }), { maxLength: 6 }).map((batches) => {
  let base = 1_000;
  return batches.map((batch) => {
    base += 80;
    return batch.map((step, i) => base + step - (i % 2) * 25);
  });
});
const arbTurns = fc.array(fc.nat(2), { maxLength: 40 });

async function sendAll(bench: Bench, streams: readonly (readonly (readonly number[])[])[], turns: readonly number[], withSources: boolean): Promise<IngestAnswer[]> {
  const senders = names.map((name) => new Sender(bench.intake, withSources ? name : undefined));
  // Every source is known before any of them moves on.
  for (const [i, sender] of senders.entries()) sender.send([eventItem(`${names[i]}-start`, 1_000)]);
  await until(() => senders.every(({ answers }) => answers.length === 1));
  const left = streams.map((batches, i) => batches.map((times, k) => times.map((ts, n) => eventItem(`${names[i]}-${k}-${n}`, ts))));
  for (const turn of turns) {
    const batch = left[turn]?.shift();
    if (batch !== undefined) senders[turn]?.send(batch);
    if (turn === 0) await settle();
  }
  left.forEach((batches, i) => { for (const batch of batches) senders[i]?.send(batch); });
  for (const sender of senders) sender.end();
  // Streams that ended go idle, one after the other.
  const all = Promise.all(senders.map(({ done }) => done));
  let isDone = false;
  void all.then(() => { isDone = true; });
  for (let i = 0; !isDone && i < 200; i += 1) {
    await settle();
    bench.clock.now += 500;
    await bench.intake.appendInternal([{ kind: 'heartbeat', ts: 1 }]);
  }
  await all;
  return senders.flatMap(({ answers }) => answers);
}

describe('several sources', () => {
  it('that run ahead of each other come into the log in step: no event is late that is in time in its own source', async () => {
    await fc.assert(fc.asyncProperty(fc.tuple(arbTimes, arbTimes, arbTimes), arbTurns, async (streams, turns) => {
      await withIntake(async (bench) => {
        const answers = await sendAll(bench, streams, turns, true);
        expect(answers).toHaveLength(3 + streams.flat(2).length);
        expect(answers.filter(({ status }) => status !== 'accepted')).toEqual([]);
        const entries = await bench.entries();
        expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => i + 1));
      });
    }), { numRuns: 25 });
  }, 60_000);

  it('are told apart from no source: the same batches without a name do come late', async () => {
    await withIntake(async (bench) => {
      const far = [[1_080, 1_085], [1_160], [1_240]];
      const answers = await sendAll(bench, [far, far, far], [0, 0, 0, 1, 1, 1, 2, 2, 2], false);
      expect(answers.filter(({ status }) => status === 'late').length).toBeGreaterThan(0);
    });
    await withIntake(async (bench) => {
      const far = [[1_080, 1_085], [1_160], [1_240]];
      const answers = await sendAll(bench, [far, far, far], [0, 0, 0, 1, 1, 1, 2, 2, 2], true);
      expect(answers.filter(({ status }) => status === 'late')).toEqual([]);
    });
  });

  it('wait for one that is quiet only until it is idle, and take what it sends behind the watermark as late', () => withIntake(async (bench) => {
    const { a, b } = await oneWaiting(bench);
    expect(a.answers.map(({ id }) => id)).toEqual(['a-1']);
    expect(bench.intake.status().sources.map(({ source, isIdle }) => [source, isIdle])).toEqual([['b', false], ['a', false]]);
    // A heartbeat must not run ahead of a source that is under way either.
    expect(await bench.intake.appendInternal([{ kind: 'heartbeat', ts: 1_500 }])).toEqual([{ status: 'skipped' }]);
    bench.clock.now += 1_000;
    await bench.intake.appendInternal([{ kind: 'heartbeat', ts: 1 }]);
    await until(() => a.answers.length > 1);
    expect(a.answers.map(({ id }) => id)).toEqual(['a-1', 'a-2']);
    expect(bench.intake.status().sources.map(({ source, isIdle }) => [source, isIdle])).toEqual([['b', true], ['a', false]]);
    b.send([eventItem('b-2', 1_970), eventItem('b-3', 1_971)]);
    await until(() => b.answers.length > 1);
    expect(b.answers.map(({ status }) => status)).toEqual(['accepted', 'late', 'accepted']);
    a.end();
    b.end();
    await Promise.all([a.done, b.done]);
  }));

  it('that are one behave as none: same answers, same log', async () => {
    const arbAny = fc.array(fc.array(fc.integer({ min: 900, max: 1_200 }), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 });
    const run = (batches: readonly (readonly number[])[], source: string | undefined): Promise<unknown> => withIntake(async (bench) => {
      const sender = new Sender(bench.intake, source);
      batches.forEach((times, k) => { sender.send(times.map((ts, n) => eventItem(`${k}-${n}`, ts))); });
      sender.end();
      await sender.done;
      return { answers: sender.answers, entries: await bench.entries() };
    });
    await fc.assert(fc.asyncProperty(arbAny, async (batches) => {
      expect(await run(batches, 'only')).toEqual(await run(batches, undefined));
    }), { numRuns: 25 });
  }, 60_000);

  it('that wait are refused when the intake closes', () => withIntake(async (bench) => {
    const { a, b } = await oneWaiting(bench);
    const refused = expect(a.done).rejects.toThrow('the intake is closed');
    await bench.intake.close();
    await refused;
    b.end();
    await b.done;
  }));
});
