import type { ChildProcess } from 'node:child_process';
import { Redis } from 'ioredis';
import { defineScripts } from './redis-scripts.js';
import type { Pipeline } from './redis-scripts.js';
import { forEachLine } from './rival-process.js';
import type { Rival } from './rival-process.js';

/**
 * Velocity counters in Redis, exact: a sorted set of a key's payments by time, sums and distinct values beside it that are moved on by
 * a script at each payment; one script call a key, 100 events a pipeline, so that a round trip is shared by hundreds of calls. The rules
 * stand here, as in the naive service.
 */
interface Event {
  readonly id: string; readonly type: 'payment' | 'transfer'; readonly ts: number; readonly account_id: string; readonly amount: number; readonly country: string;
  readonly card_id: string; readonly device_id: string; readonly ip: string; readonly merchant_id: string; readonly card_country: string; readonly declined: boolean;
  readonly payee_id: string; readonly stage: string;
}

const batchEvents = 100;
const minute = 60_000;
const decoder = new TextDecoder();

/** What the scripts answer, by the order of their calls in {@link askAbout}. */
type Answers = readonly (readonly number[])[];

/** The calls of one payment: card, account, device, address and, when declined, merchant. */
function askAbout(pipeline: Pipeline, { id, ts, card_id, account_id, device_id, ip, merchant_id, amount, declined }: Event): void {
  const cents = Math.round(amount * 100);
  const member = `${id}|${cents}|${declined ? 1 : 0}`;
  pipeline.card(`c:${card_id}`, ts, `${member}|${device_id}|${merchant_id}`);
  pipeline.account(`a:${account_id}`, ts, member);
  pipeline.device(`d:${device_id}`, ts, `${member}|${card_id}`);
  pipeline.address(`i:${ip}`, ts, `${member}|${card_id}`);
  pipeline.merchant(`m:${merchant_id}`, ts, declined ? member : '');
}
const callsOfPayment = 5;

/** The rules over windows that hold. */
function firing({ amount, declined, country, card_country, merchant_id }: Event, answers: Answers, watched: ReadonlySet<string>): string[] {
  const cents = Math.round(amount * 100);
  const [card = [], account = [], device = [], address = [], merchant = []] = answers;
  const [card1 = 0, card5 = 0, sum5 = 0, card15 = 0, sum15 = 0, declined15 = 0, devices15 = 0, merchants15 = 0, largestBefore = 0, isRefusedThenLarge = 0] = card;
  const [account15 = 0, accountSum15 = 0] = account;
  const [device5 = 0, deviceSum5 = 0, deviceCards15 = 0] = device;
  const [address1 = 0, address5 = 0, addressCards15 = 0] = address;
  const [refused1 = 0, refused5 = 0] = merchant;
  const rules: readonly (readonly [string, boolean])[] = [
    ['card-count-1m', card1 > 84], ['card-count-5m', card5 > 370], ['card-sum-5m', sum5 > 1_350_000], ['card-sum-15m', sum15 > 1_890_000],
    ['account-count-15m', account15 > 2164], ['account-sum-15m', accountSum15 > 3_400_000], ['device-count-5m', device5 > 668], ['device-sum-5m', deviceSum5 > 1_045_000],
    ['ip-count-1m', address1 > 63], ['ip-count-5m', address5 > 273], ['merchant-declines-1m', declined && refused1 > 74], ['merchant-declines-5m', declined && refused5 > 105],
    ['device-cards-15m', deviceCards15 >= 44], ['ip-cards-15m', addressCards15 >= 38], ['card-devices-15m', devices15 >= 128], ['card-merchants-15m', merchants15 >= 939],
    ['card-ratio-15m', card15 - 1 >= 20 && cents * (card15 - 1) > 44 * (sum15 - cents)], ['card-declined-share-15m', card15 >= 30 && declined15 * 100 > 65 * card15],
    ['card-new-maximum-15m', card15 - 1 >= 10 && cents > 14 * largestBefore], ['large-abroad', cents > 42_000 && country !== card_country && ['US', 'IE'].includes(country)],
    ['watched-merchant', watched.has(merchant_id) && cents > 2_200], ['refused-then-large', isRefusedThenLarge === 1],
  ];
  return rules.filter(([, holds]) => holds).map(([id]) => id);
}

/** @param server the redis-server that this program started; its CPU time and memory count. */
export function createRedisRival(redis: Redis, watched: ReadonlySet<string>, server: ChildProcess): Rival {
  const scripts = defineScripts(redis);

  function eventsOf(lines: Uint8Array): Event[] {
    const events: Event[] = [];
    forEachLine(lines, (line) => { events.push(JSON.parse(decoder.decode(line)) as Event); }); // the generator's own lines
    return events;
  }

  /** A transfer's calls; each answers the ids of absences that are due before it, and whether it ends a sequence. */
  function askAboutTransfer(pipeline: Pipeline, event: Event): void {
    const pair = `${event.account_id}|${event.payee_id}`;
    if (event.stage === 'confirmed') pipeline.confirmed('due', `w:${pair}`, event.ts);
    else pipeline.sent('due', `w:${pair}`, `p:${event.account_id}`, event.ts, event.id, event.amount > 2500 ? event.ts + 5 * minute : 0, event.amount > 3000 ? event.ts - 10 * minute : -1);
  }

  async function batch(events: readonly Event[]): Promise<string[]> {
    const pipeline = scripts.pipeline();
    for (const event of events) {
      if (event.type === 'transfer') { askAboutTransfer(pipeline, event); continue; }
      askAbout(pipeline, event);
      if (event.amount < 1) pipeline.set(`p:${event.account_id}`, event.ts);
    }
    pipeline.due('due', events.at(-1)?.ts ?? 0);
    const answers = (await pipeline.exec() ?? []).map(([error, answer]) => { if (error !== null) throw error; return answer; });
    const alerts: string[] = [];
    let at = 0;
    for (const event of events) {
      if (event.type === 'transfer') {
        const [isPayout, ...due] = answers[at++] as [number, ...string[]]; // what `sent` and `confirmed` answer
        if (isPayout === 1) alerts.push(`${event.id} probe-then-transfer`);
        for (const id of due) alerts.push(`${id} unconfirmed-transfer`);
        continue;
      }
      const own = answers.slice(at, at + callsOfPayment) as Answers; // the scripts answer integers
      at += callsOfPayment + (event.amount < 1 ? 1 : 0);
      for (const rule of firing(event, own, watched)) alerts.push(`${event.id} ${rule}`);
    }
    for (const id of answers[at] as readonly string[]) alerts.push(`${id} unconfirmed-transfer`);
    return alerts;
  }

  /** Only what the scripts need to begin from: the sorted sets. A key's sums are made at its first measured payment's `prepare`. */
  async function remember(events: readonly Event[]): Promise<void> {
    const pipeline = scripts.pipeline();
    for (const event of events) {
      if (event.type === 'transfer') { askAboutTransfer(pipeline, event); continue; }
      const { id, ts, amount, declined, card_id, account_id, device_id, ip, merchant_id } = event;
      const member = `${id}|${Math.round(amount * 100)}|${declined ? 1 : 0}`;
      pipeline.zadd(`c:${card_id}`, ts, `${member}|${device_id}|${merchant_id}`);
      pipeline.zadd(`a:${account_id}`, ts, member);
      pipeline.zadd(`d:${device_id}`, ts, `${member}|${card_id}`);
      pipeline.zadd(`i:${ip}`, ts, `${member}|${card_id}`);
      if (declined) pipeline.zadd(`m:${merchant_id}`, ts, member);
      if (declined || amount > 400) pipeline.refused(`r:c:${card_id}`, ts, declined ? 1 : 0);
      if (amount < 1) pipeline.set(`p:${account_id}`, ts);
    }
    pipeline.due('due', events.at(-1)?.ts ?? 0);
    await pipeline.exec();
  }

  async function inBatches(events: readonly Event[], take: (some: readonly Event[]) => Promise<unknown>): Promise<void> {
    for (let from = 0; from < events.length; from += batchEvents) await take(events.slice(from, from + batchEvents));
  }

  return {
    fill: async (lines) => { await inBatches(eventsOf(lines), remember); },
    prepare: async (lines) => {
      await inBatches(eventsOf(lines), async (events) => {
        const pipeline = scripts.pipeline();
        for (const { type, ts, card_id, account_id, device_id, ip } of events) {
          if (type === 'transfer') continue;
          pipeline.prepareCard(`c:${card_id}`, ts);
          pipeline.prepareAccount(`a:${account_id}`, ts);
          pipeline.prepareDevice(`d:${device_id}`, ts);
          pipeline.prepareAddress(`i:${ip}`, ts);
        }
        for (const [error] of await pipeline.exec() ?? []) if (error !== null) throw error;
      });
    },
    feed: async (lines) => {
      const alerts: string[] = [];
      await inBatches(eventsOf(lines), async (events) => { alerts.push(...await batch(events)); });
      return alerts;
    },
    helpersCpuNs: async () => {
      const info = await redis.info('cpu');
      const seconds = ['used_cpu_user', 'used_cpu_sys'].map((name) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1] ?? 0));
      return seconds.reduce((sum, one) => sum + one, 0) * 1e9;
    },
    helpersMemoryMb: async () => server.pid === undefined ? 0 : Number(/used_memory_rss:(\d+)/.exec(await redis.info('memory'))?.[1] ?? 0) / 2 ** 20,
  };
}
