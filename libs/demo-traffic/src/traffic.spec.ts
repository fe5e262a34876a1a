import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { createTraffic } from './traffic.js';
import { createMonth } from './month.js';
import { fraudScenarios, honestLookalikes, type TrafficEvent } from './traffic-event.js';

const startTs = 1_767_600_000_000;
const minute = 60_000;
const live = (ratePerSecond: number, from = startTs, seed = 'spec') => createTraffic({ seed, startTs: from, ratePerSecond });
const month = [...createMonth('spec', 30, 3_000)];

function hourOf(ratePerSecond: number): readonly TrafficEvent[] {
  return live(ratePerSecond).next(startTs + 60 * minute);
}
const hour = hourOf(20);

describe('demo traffic', () => {
  it('is the same, byte for byte, for the same seed and start', () => {
    expect(JSON.stringify(live(20).next(startTs + 10 * minute))).toBe(JSON.stringify(live(20).next(startTs + 10 * minute)));
    expect(JSON.stringify(live(20, startTs, 'other').next(startTs + minute))).not.toBe(JSON.stringify(live(20).next(startTs + minute)));
  });

  it('does not depend on how time is cut into calls', () => {
    const steps = [1, 17, 250, 999, 60_000, 3, 120_000];
    const traffic = live(20);
    const pieces: TrafficEvent[] = [];
    let until = startTs - 1;
    for (let round = 0; until < startTs + 10 * minute; round++) {
      until = Math.min(startTs + 10 * minute, until + (steps[round % steps.length] ?? 1));
      pieces.push(...traffic.next(until));
    }
    expect(JSON.stringify(pieces)).toBe(JSON.stringify(live(20).next(startTs + 10 * minute)));
  });

  it('never goes back in time, stays within what was asked for, and returns nothing twice', () => {
    const times = hour.map(({ event }) => event.ts);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(startTs);
    expect(times.at(-1)).toBeLessThanOrEqual(startTs + 60 * minute);
    const traffic = live(20);
    traffic.next(startTs + minute);
    expect(traffic.next(startTs + minute)).toEqual([]);
    expect(traffic.next(startTs)).toEqual([]);
  });

  it('keeps to the rate it was asked for within a tenth', () => {
    expect(hour.length / 3_600).toBeGreaterThan(18);
    expect(hour.length / 3_600).toBeLessThan(22);
    expect(month.length / 30).toBeGreaterThan(2_700);
    expect(month.length / 30).toBeLessThan(3_300);
  });

  it('gives every event an id of its own, after a restart with the same seed too', () => {
    const restarted = live(20, startTs + 60 * minute).next(startTs + 70 * minute);
    const ids = [...hour, ...restarted].map(({ event }) => event.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('goes on with the same people after a restart', () => {
    const accounts = (events: readonly TrafficEvent[]) => new Set(events.flatMap(({ event }) => (event.type === 'payment' ? [event['account_id']] : [])));
    const before = accounts(live(1).next(startTs + 60 * minute));
    const after = accounts(live(1, startTs + 999_999_937).next(startTs + 999_999_937 + 60 * minute));
    expect([...after].filter((account) => before.has(account)).length).toBeGreaterThan(after.size / 3);
  });

  it('begins the first fraud within five seconds and shows eight kinds in the first minute', () => {
    const first = live(20).next(startTs + minute).filter((event) => event.fraudScenario !== undefined);
    expect((first[0]?.event.ts ?? Infinity) - startTs).toBeLessThanOrEqual(5_000);
    expect(new Set(first.map((event) => event.fraudScenario)).size).toBeGreaterThanOrEqual(8);
  });

  it('holds every kind of fraud and every lookalike in a month, at the share asked for', () => {
    expect(new Set(month.flatMap((event) => event.fraudScenario ?? []))).toEqual(new Set(fraudScenarios));
    expect(new Set(month.flatMap((event) => event.lookalike ?? []))).toEqual(new Set(honestLookalikes));
    const share = month.filter((event) => event.fraudScenario !== undefined).length / month.length;
    expect(share).toBeGreaterThan(0.008);
    expect(share).toBeLessThan(0.016);
  });

  it('tells no rule what is fraud: the event holds neither scenario nor lookalike', () => {
    const secrets = new Set<unknown>([...fraudScenarios, ...honestLookalikes]);
    expect(hour.filter(({ event }) => Object.values(event).some((value) => secrets.has(value)))).toEqual([]);
  });

  it('sends labels later than their event, about events that were sent, and only about fraud', () => {
    const sent = new Map(month.map((event) => [event.event.id, event]));
    const labels = month.filter(({ event }) => event.type === 'label');
    expect(labels.length).toBeGreaterThan(50);
    for (const { event } of labels) {
      const about = sent.get(String(event['event_id']));
      expect(about?.fraudScenario).toBeDefined();
      expect(event.ts - (about?.event.ts ?? Infinity)).toBeGreaterThanOrEqual(86_400_000);
      expect(event['account_id']).toBe(about?.event['account_id']);
    }
  });

  it('refunds no more than was paid, but for the fraud of refunds', () => {
    const sent = new Map(month.map(({ event }) => [event.id, event]));
    const refunds = month.filter(({ event, fraudScenario }) => event.type === 'refund' && fraudScenario === undefined);
    expect(refunds.length).toBeGreaterThan(50);
    for (const { event } of refunds) expect(Number(event['amount'])).toBeLessThanOrEqual(Number(sent.get(String(event['payment_id']))?.['amount']));
  });

  it('is busy by day and quiet by night over a month, though a live demo is not', () => {
    const byHour = new Array<number>(24).fill(0);
    for (const { event } of month) byHour[new Date(event.ts).getUTCHours()]! += 1;
    expect(byHour[16]!).toBeGreaterThan(3 * byHour[4]!);
  });

  it('refuses a rate of nothing and a start that is no instant', () => {
    expect(() => live(0)).toThrow(RangeError);
    expect(() => live(20, 0.5)).toThrow(RangeError);
  });
});

interface Field { readonly type: string; readonly required?: boolean; readonly pattern?: string; readonly scale?: number }

describe('the events against rules/schema.yaml', () => {
  // The file is the product's own; its shape is checked by the rule language's tests.
  const schema = parse(readFileSync(new URL('../../../rules/schema.yaml', import.meta.url), 'utf8')) as { events: Record<string, Record<string, Field>> };

  it.each(['payment', 'refund', 'login', 'profile_change', 'payee_added', 'transfer', 'confirmation', 'cash_deposit', 'label'])('%s carries only declared fields of the declared type, and the required ones', (type) => {
    const events = [...hour, ...month].filter(({ event }) => event.type === type);
    expect(events.length).toBeGreaterThan(0);
    const fields = schema.events[type] ?? {};
    const required = Object.entries(fields).flatMap(([name, field]) => (field.required === true ? [name] : []));
    const problems = new Set<string>();
    for (const { event } of events) {
      const { id: _id, type: _type, ts: _ts, ...values } = event;
      for (const name of required) if (!(name in values)) problems.add(`${name} is missing`);
      for (const [name, value] of Object.entries(values)) {
        const problem = complaint(name, value, fields[name]);
        if (problem !== undefined) problems.add(problem);
      }
    }
    expect([...problems]).toEqual([]);
  });
});

function complaint(name: string, value: unknown, field: Field | undefined): string | undefined {
  if (field === undefined) return `${name} is not declared`;
  if (field.type === 'decimal') return typeof value === 'number' && value > 0 && /^\d+(\.\d{1,2})?$/.test(JSON.stringify(value)) ? undefined : `${name}: ${JSON.stringify(value)} is not an amount of two decimals`;
  if (field.type === 'bool') return typeof value === 'boolean' ? undefined : `${name} is not a bool`;
  if (field.type === 'geo') return typeof value === 'object' ? undefined : `${name} is not a place`;
  if (typeof value !== 'string') return `${name} is not a string`;
  return field.pattern === undefined || new RegExp(field.pattern).test(value) ? undefined : `${name}: ${value} does not match ${field.pattern}`;
}
