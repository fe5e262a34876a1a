import { describe, expect, it } from '@jest/globals';
import type { IngestAnswer, LogEntry, Unsequenced } from '@weir/contracts';
import { openCheckpoints, openDeadLetters, openEventLog, type DeadLetters, type EventLog } from '@weir/connectors';
import { parseSchema, type EventSchema } from '@weir/rule-lang';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createIntake, type Intake, type IntakeParts } from './create-intake.js';
import { jsonItems, ndjsonItems, type IntakeItem } from './intake-item.js';

function schemaOf(extra = ''): EventSchema {
  const { schema, diagnostics } = parseSchema(`
version: 1
currency: EUR
events:
  payment:
    account_id: { type: string, required: true, pii: true }
    amount: { type: decimal, scale: 2, required: true }
    declined: { type: bool }
${extra}
  label:
    late: restamp
    event_id: { type: string, required: true }
    fraud: { type: bool, required: true }
`);
  if (schema === undefined) throw new Error(diagnostics[0]?.message);
  return schema;
}
const start = Date.UTC(2026, 0, 5);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const items = (...texts: string[]): IntakeItem[] => texts.map((text, i) => ({ raw: bytesOf(text), position: `[${i}]` }));
const payment = (id: string, at = 0, more = ''): string => `{"id":"${id}","type":"payment","ts":${start + at},"account_id":"c1","amount":1.50${more}}`;

interface Bench { readonly dir: string; readonly log: EventLog; readonly letters: DeadLetters; readonly intake: Intake; readonly durable: number[]; clock: { now: number } }
async function open(dir: string, more: Partial<IntakeParts> = {}): Promise<Bench> {
  const log = await openEventLog(join(dir, 'log'));
  const letters = await openDeadLetters(join(dir, 'letters'));
  const durable: number[] = [];
  const clock = { now: start + 3_600_000 };
  const intake = await createIntake({ log, deadLetters: letters, schema: schemaOf(), clock: () => clock.now, onDurable: (seq) => durable.push(seq), ...more });
  return { dir, log, letters, intake, durable, clock };
}
async function shut(bench: Bench): Promise<void> {
  await bench.intake.close();
  await bench.log.close();
  await bench.letters.close();
}
async function withIntake<R>(use: (bench: Bench) => Promise<R>, more: Partial<IntakeParts> = {}): Promise<R> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-intake-'));
  try {
    const bench = await open(dir, more);
    try {
      return await use(bench);
    } finally {
      await shut(bench);
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
async function entriesOf(log: EventLog): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const batch of log.read(1)) entries.push(...batch);
  return entries;
}
const valueOf = (result: IteratorResult<readonly IngestAnswer[]>): readonly IngestAnswer[] => (result.done === true ? [] : result.value);
const shown = (answers: readonly IngestAnswer[]): string[] => answers.map((answer) => (answer.status === 'rejected' ? `${answer.code} ${answer.field ?? '-'}` : `${answer.status} ${answer.id} ${answer.seq}`));

describe('intake', () => {
  it('answers each event in order and has it in the log when it does', () => withIntake(async ({ intake, log, durable }) => {
    const answers = await intake.acceptAll(items(payment('a'), payment('b', 5, ',"note":"x"')), 'http');
    expect(answers).toEqual([{ status: 'accepted', id: 'a', seq: 1 }, { status: 'accepted', id: 'b', seq: 2 }]);
    expect(await entriesOf(log)).toEqual([
      { kind: 'event', seq: 1, ts: start, id: 'a', type: 'payment', fields: { account_id: 'c1', amount: '1.5' }, channel: 'http' },
      { kind: 'event', seq: 2, ts: start + 5, id: 'b', type: 'payment', fields: { account_id: 'c1', amount: '1.5' }, extra: { note: 'x' }, channel: 'http' },
    ]);
    expect(durable).toEqual([2]);
    expect(intake.counters()).toMatchObject({ accepted: 2, unknownFields: 1, rejected: 0 });
  }));

  it('answers a known id with its first seq when the content is the same, whatever channel, order or spelling', () => withIntake(async ({ intake, log }) => {
    await intake.acceptAll(items(payment('a')), 'http');
    const again = `{"amount":"1.5","account_id":"c1","declined":null,"ts":"2026-01-05T00:00:00Z","type":"payment","id":"a"}`;
    expect(shown(await intake.acceptAll(items(payment('a'), again), 'csv'))).toEqual(['duplicate a 1', 'duplicate a 1']);
    expect(log.lastSeq()).toBe(1);
  }));

  it('refuses a known id with other content as a conflict, and keeps it as a dead letter', () => withIntake(async ({ intake, letters }) => {
    await intake.acceptAll(items(payment('a')), 'http');
    const other = payment('a').replace('1.50', '2.50');
    const [answer] = await intake.acceptAll(items(other), 'http');
    expect(answer).toEqual({ status: 'rejected', id: 'a', code: 'conflict', field: 'id', message: 'id: the event accepted as seq 1 has this id and says something else', deadLetterId: 1 });
    expect(await letters.get(1)).toMatchObject({ code: 'conflict', eventId: 'a', channel: 'http', position: '[0]', receivedAt: start + 3_600_000, raw: Buffer.from(other).toString('base64') });
  }));

  it('sees duplicates and conflicts within one request', () => withIntake(async ({ intake, log }) => {
    expect(shown(await intake.acceptAll(items(payment('a'), payment('a'), payment('a', 1), payment('b'), payment('a')), 'http'))).toEqual(['accepted a 1', 'duplicate a 1', 'conflict id', 'accepted b 2', 'duplicate a 1']);
    expect(log.lastSeq()).toBe(2);
  }));

  it('forgets an id exactly one horizon after it, also within one request', () => withIntake(async ({ intake }) => {
    expect(shown(await intake.acceptAll(items(payment('a'), payment('b', 999), payment('a'), payment('c', 1_000), payment('a', 1_000), payment('b', 999)), 'http'))).toEqual(['accepted a 1', 'accepted b 2', 'duplicate a 1', 'accepted c 3', 'accepted a 4', 'duplicate b 2']);
    expect(shown(await intake.acceptAll(items(payment('d', 1_999), payment('b', 1_999), payment('c', 1_000), payment('e', 2_000), payment('c', 2_000)), 'http'))).toEqual(['accepted d 5', 'accepted b 6', 'duplicate c 3', 'accepted e 7', 'accepted c 8']);
  }, { options: { horizonMs: 1_000 } }));

  it('sees duplicates across requests that overlap', () => withIntake(async ({ intake, log }) => {
    const all = await Promise.all(Array.from({ length: 20 }, () => intake.acceptAll(items(payment('a'), payment('b')), 'http')));
    expect(log.lastSeq()).toBe(2);
    expect(all.flat().filter((answer) => answer.status === 'accepted')).toHaveLength(2);
    expect(new Set(all.map((answers) => shown(answers).map((text) => text.split(' ').slice(1).join(' ')).join()))).toEqual(new Set(['a 1,b 2']));
  }));

  it('keeps late events in the log as late, tells their delay, and dates a late label to the largest ts', () => withIntake(async ({ intake, log }) => {
    const label = `{"id":"l","type":"label","ts":${start},"event_id":"a","fraud":true}`;
    const answers = await intake.acceptAll(items(payment('a', 100_000), payment('b', 40_000), payment('c', 39_999), label), 'http');
    expect(answers).toEqual([
      { status: 'accepted', id: 'a', seq: 1 }, { status: 'accepted', id: 'b', seq: 2 }, { status: 'late', id: 'c', seq: 3, delayMs: 60_001 }, { status: 'accepted', id: 'l', seq: 4 },
    ]);
    expect(await log.get(3)).toMatchObject({ late: true, ts: start + 39_999 });
    expect(await log.get(4)).toMatchObject({ ts: start + 100_000, statedTs: start });
    expect(shown(await intake.acceptAll(items(label, payment('c', 39_999)), 'http'))).toEqual(['duplicate l 4', 'duplicate c 3']);
    expect(intake.counters()).toMatchObject({ accepted: 3, late: 1, duplicate: 2, restamped: 1 });
  }));

  it('refuses a clock far in the future, so that the rest is not late', () => withIntake(async ({ intake, clock }) => {
    clock.now = start;
    const answers = await intake.acceptAll(items(payment('a', 10_000), payment('b', 10_001), payment('c', 0)), 'http');
    expect(shown(answers)).toEqual(['accepted a 1', 'future ts', 'accepted c 2']);
    expect(answers[1]).toMatchObject({ message: 'ts: 2026-01-05T00:00:10.001Z is 10.0 s ahead of the clock, the limit is 10 s' });
  }));

  it('answers every kind of bad input with code and field, keeps its bytes, and goes on', () => withIntake(async ({ intake, letters, log }) => {
    const bad: [Uint8Array, string, string | undefined][] = [
      [bytesOf('{"id":"x"'), 'malformed-json', undefined],
      [bytesOf('[]'), 'not-an-object', undefined],
      [bytesOf(payment('x', 0, ',"amount":2')), 'duplicate-key', 'amount'],
      [bytesOf(payment('x').replace('1.50', 'NaN')), 'malformed-json', 'amount'],
      [bytesOf(payment('x').replace('1.50', '1.505')), 'too-fine', 'amount'],
      [bytesOf(payment('x').replace('1.50', '1e15')), 'out-of-range', 'amount'],
      [bytesOf(payment('x').replace('"c1"', '5')), 'bad-type', 'account_id'],
      [bytesOf(payment('x').replace('"c1"', '"\\ud800"')), 'bad-text', 'account_id'],
      [bytesOf(payment('x').replace('"c1"', `"${'y'.repeat(1_000_000)}"`)), 'too-long', 'account_id'],
      [bytesOf(payment('x').replace('"account_id":"c1",', '')), 'missing-field', 'account_id'],
      [bytesOf(payment('x').replace('"payment"', '"pay"')), 'unknown-type', 'type'],
      [Uint8Array.from([0x7b, 0xff, 0x7d]), 'bad-text', undefined],
      [bytesOf('[['.repeat(500)), 'malformed-json', undefined],
    ];
    const mixed = bad.flatMap(([raw], i) => [{ raw, position: `line ${2 * i + 1}` }, { raw: bytesOf(payment(`good${i}`, i)), position: `line ${2 * i + 2}` }]);
    const answers = await intake.acceptAll(mixed, 'ndjson');
    answers.forEach((answer, i) => {
      const [raw, code, field] = bad[i >> 1] ?? [];
      if (i % 2 === 1) expect(answer).toEqual({ status: 'accepted', id: `good${i >> 1}`, seq: (i >> 1) + 1 });
      else {
        expect(answer).toMatchObject({ status: 'rejected', code, deadLetterId: (i >> 1) + 1 });
        if (field !== undefined) expect(answer).toMatchObject({ field });
        expect(raw).toBeDefined();
      }
    });
    for (const [i, [raw, code]] of bad.entries()) {
      expect(await letters.get(i + 1)).toMatchObject({ code, position: `line ${2 * i + 1}`, channel: 'ndjson', rawBytes: raw.length, raw: Buffer.from(raw.subarray(0, 65_536)).toString('base64') });
    }
    expect(log.lastSeq()).toBe(bad.length);
    expect(intake.counters()).toMatchObject({ accepted: bad.length, rejected: bad.length, rejectedByCode: { 'malformed-json': 3, 'bad-text': 2 } });
  }));

  it('takes -0 as 0', () => withIntake(async ({ intake, log }) => {
    await intake.acceptAll(items(payment('a').replace('1.50', '-0.00')), 'http');
    expect(await log.get(1)).toMatchObject({ fields: { amount: '0' } });
  }));

  it('reads events by the new schema from the moment it is set', () => withIntake(async ({ intake, log }) => {
    await intake.acceptAll(items(payment('a', 0, ',"tries":1')), 'http');
    intake.setSchema(schemaOf('    tries: { type: int }'));
    await intake.acceptAll(items(payment('b', 0, ',"tries":2')), 'http');
    expect(await log.get(1)).toMatchObject({ extra: { tries: 1 } });
    expect(await log.get(2)).toMatchObject({ fields: { tries: 2 } });
  }));
});

describe('entries of the host', () => {
  const change: Unsequenced = { kind: 'list', ts: 0, list: 'blocked', value: 'm1', change: 'add' };
  it('dates them to the largest ts so far; on an empty log to the first instant, so that no event becomes late by them', () => withIntake(async ({ intake, log }) => {
    const { ts: _, ...list } = change;
    expect(await intake.appendInternal([{ kind: 'rules', schemaText: 'version: 1', rules: [] }, list])).toEqual([{ status: 'appended', seq: 1 }, { status: 'appended', seq: 2 }]);
    expect((await entriesOf(log)).map((entry) => entry.ts)).toEqual([1, 1]);
    expect(shown(await intake.acceptAll(items(payment('a', -86_400_000 * 3_000)), 'csv'))).toEqual(['accepted a 3']);
    await intake.acceptAll(items(payment('b', 7)), 'csv');
    await intake.appendInternal([list]);
    expect(await log.get(5)).toMatchObject({ kind: 'list', ts: start + 7 });
  }));

  it('appends a label once, however often it is sent and whatever time it is', () => withIntake(async ({ intake, log }) => {
    const label = { kind: 'event' as const, id: 'label-x-1', type: 'label', fields: { event_id: 'a', fraud: true }, channel: 'desk' };
    await intake.acceptAll(items(payment('a', 5)), 'http');
    expect(await intake.appendInternal([label, label])).toEqual([{ status: 'appended', seq: 2 }, { status: 'duplicate', seq: 2 }]);
    await intake.acceptAll(items(payment('b', 50)), 'http');
    expect(await intake.appendInternal([label])).toEqual([{ status: 'duplicate', seq: 2 }]);
    expect(await intake.appendInternal([{ ...label, fields: { event_id: 'a', fraud: false } }])).toMatchObject([{ status: 'conflict', seq: 2 }]);
    expect(await log.get(2)).toEqual({ kind: 'event', seq: 2, ts: start + 5, id: 'label-x-1', type: 'label', fields: { event_id: 'a', fraud: true }, channel: 'desk' });
  }));

  it('appends a heartbeat only when it moves time', () => withIntake(async ({ intake }) => {
    await intake.acceptAll(items(payment('a', 5)), 'http');
    expect(await intake.appendInternal([{ kind: 'heartbeat', ts: start + 5 }, { kind: 'heartbeat', ts: start + 6 }])).toEqual([{ status: 'skipped' }, { status: 'appended', seq: 2 }]);
    expect(intake.status()).toMatchObject({ maxTs: start + 6, watermark: start + 6 - 60_001, lastSeq: 2 });
  }));
});

describe('streams', () => {
  it('answers what has come in without waiting for what comes next', () => withIntake(async ({ intake }) => {
    const client = new PassThrough();
    const answers = intake.accept(ndjsonItems(client), 'ndjson');
    client.write(`${payment('a')}\n${payment('b')}\n{"id":`);
    expect(shown(valueOf(await answers.next()))).toEqual(['accepted a 1', 'accepted b 2']);
    client.write(`${payment('c').slice(6)}\n`);
    expect(shown(valueOf(await answers.next()))).toEqual(['accepted c 3']);
    client.end();
    expect((await answers.next()).done).toBe(true);
  }));

  it('goes on with other requests when a client goes away in the middle of its stream', () => withIntake(async ({ intake, log }) => {
    const client = new PassThrough();
    const answers = intake.accept(ndjsonItems(client), 'ndjson');
    client.write(`${payment('a')}\n`);
    await answers.next();
    client.write(`${payment('b')}\n`);
    client.destroy(new Error('connection reset'));
    await expect(answers.next()).rejects.toThrow('connection reset');
    await intake.acceptAll(items(payment('c')), 'http');
    expect(log.lastSeq()).toBeGreaterThanOrEqual(2);
    expect(intake.status().inFlightBytes).toBe(0);
  }));

  it('gives a line that is too long one answer and goes on', () => withIntake(async ({ intake, letters }) => {
    const stream = [bytesOf(`${payment('a')}\n{"id":"`), bytesOf('x'.repeat(100_000)), bytesOf('x'.repeat(100_000)), bytesOf(`"}\n\n  \n${payment('b')}`)];
    const answers = await intake.acceptAll(ndjsonItems(stream, 50_000), 'ndjson');
    expect(shown(answers)).toEqual(['accepted a 1', 'too-large -', 'accepted b 2']);
    expect(await letters.get(1)).toMatchObject({ position: 'line 2', rawBytes: 200_009 });
    expect(Buffer.from((await letters.get(1))?.raw ?? '', 'base64').length).toBe(65_536);
  }));

  it('answers each element of an array on its own', () => withIntake(async ({ intake }) => {
    const body = `[${payment('a')}, {"id": nonsense}, ${payment('b')}`;
    expect(shown(await intake.acceptAll(jsonItems([bytesOf(body)]), 'http'))).toEqual(['accepted a 1', 'malformed-json id', 'accepted b 2', 'malformed-json -']);
    expect(shown(await intake.acceptAll(jsonItems([bytesOf(payment('c'))]), 'http'))).toEqual(['accepted c 3']);
    expect(await intake.acceptAll(jsonItems([bytesOf('[]')]), 'http')).toEqual([]);
  }));

  it('takes hundreds of thousands of lines with bounded bytes in flight', () => withIntake(async ({ intake, log }) => {
    let most = 0;
    async function* lines(): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 200; chunk += 1) {
        most = Math.max(most, intake.status().inFlightBytes);
        yield bytesOf(Array.from({ length: 500 }, (_, i) => `${payment(`e${chunk}-${i}`, chunk)}\n`).join(''));
      }
    }
    let count = 0;
    for await (const answers of intake.accept(ndjsonItems(lines()), 'ndjson')) count += answers.filter((answer) => answer.status === 'accepted').length;
    expect([count, log.lastSeq()]).toEqual([100_000, 100_000]);
    expect(most).toBeLessThan(1_000_000); // 4,096 events of about 100 bytes, and one unit
    expect(intake.status().inFlightBytes).toBe(0);
  }), 30_000);

  it('refuses a request when too much waits, and holds a stream back instead', () => withIntake(async (bench) => {
    let letThrough: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { letThrough = resolve; });
    const log = { ...bench.log, append: async (entries: readonly Unsequenced[]) => { await gate; return bench.log.append(entries); } };
    const intake = await createIntake({ log, deadLetters: bench.letters, schema: schemaOf(), clock: () => start, options: { maxInFlightBytes: 100 } });
    const first = intake.acceptAll(items(payment('a'), payment('b')), 'http');
    while (!intake.status().isFull) await new Promise(setImmediate);
    await expect(intake.acceptAll(items(payment('c')), 'http', { whenFull: 'refuse' })).rejects.toMatchObject({ name: 'IntakeFull', retryAfterMs: 1_000 });
    const waiting = intake.acceptAll(items(payment('d')), 'http');
    letThrough();
    expect(shown(await waiting)).toEqual(['accepted d 3']);
    await first;
    expect(shown(await intake.acceptAll(items(payment('c')), 'http', { whenFull: 'refuse' }))).toEqual(['accepted c 4']);
  }));
});

describe('stops and starts', () => {
  it('refuses everything after a failed write, and says why', () => withIntake(async (bench) => {
    let broken = false;
    const log = { ...bench.log, append: (entries: readonly Unsequenced[]) => (broken ? Promise.reject(new Error('no space left on device')) : bench.log.append(entries)) };
    const intake = await createIntake({ log, deadLetters: bench.letters, schema: schemaOf(), clock: () => start });
    await intake.acceptAll(items(payment('a')), 'http');
    broken = true;
    await expect(intake.acceptAll(items(payment('b')), 'http')).rejects.toThrow('no space left');
    await expect(intake.acceptAll(items(payment('c')), 'http')).rejects.toMatchObject({ name: 'IntakeStopped', message: expect.stringContaining('no space left') });
    await expect(intake.appendInternal([{ kind: 'heartbeat', ts: start + 9 }])).rejects.toMatchObject({ name: 'IntakeStopped' });
    expect(intake.status().failure).toContain('no space left');
  }));

  it('gives no answer to a refused event whose dead letter could not be kept', () => withIntake(async (bench) => {
    const intake = await createIntake({ log: bench.log, deadLetters: { append: () => Promise.reject(new Error('disk')) }, schema: schemaOf(), clock: () => start });
    await expect(intake.acceptAll(items(payment('a'), 'nonsense'), 'http')).rejects.toThrow('disk');
    expect(shown(await intake.acceptAll(items(payment('a')), 'http'))).toEqual(['duplicate a 1']);
  }));

  it('knows ids and time again after a start: from the log, from a snapshot, and from the log when the snapshot is damaged', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'weir-intake-'));
    try {
      const states = await openCheckpoints(join(dir, 'states'));
      const first = await open(dir, { states });
      await first.intake.acceptAll(items(payment('a', 100_000), payment('b', 30_000), payment('c', 50_000)), 'http');
      await shut(first);
      const [saved] = await states.list();
      expect(saved?.seq).toBe(3);
      const answers = ['duplicate a 1', 'duplicate b 2', 'conflict id', 'late d'];
      const check = async (more: Partial<IntakeParts>, report: object): Promise<void> => {
        const bench = await open(dir, more);
        expect(bench.intake.startReport).toMatchObject(report);
        const got = shown(await bench.intake.acceptAll(items(payment('a', 100_000), payment('b', 30_000), payment('c', 1), payment(`d${bench.log.lastSeq()}`, 39_999)), 'http'));
        expect(got.map((text) => text.replace(/^late d.*/, 'late d'))).toEqual(answers);
        await shut(bench);
      };
      await check({}, { replayed: 3, refused: [] });
      await check({ states }, { restoredFrom: saved?.name, replayed: 1 });
      const [newest] = await states.list();
      await writeFile(join(dir, 'states', newest?.name ?? ''), 'nonsense');
      await check({ states }, { restoredFrom: saved?.name, replayed: 2, refused: [{ name: newest?.name, reason: expect.stringContaining('damaged') }] });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
