import { beforeAll, describe, expect, it } from '@jest/globals';
import { fullShare } from '../benchmark-plan.js';
import { engineFromBytes, naive, startEngine } from '../contenders.js';
import type { Contender } from '../contenders.js';
import { oracle } from '../oracle.js';
import { benchDefinition } from './definition.js';
import { ruleTexts } from './rule-pack.js';
import { Traffic } from './traffic.js';
import { longestWindowMs, smallTraffic } from './traffic-shape.js';

const warmEvents = Math.ceil(smallTraffic.eventsPerSecond * longestWindowMs / 1000 * fullShare);
const rulesOf = (alerts: readonly string[]): ReadonlySet<string> => new Set(alerts.map((alert) => alert.split(' ')[1] ?? ''));

describe('the small world of the benchmark', () => {
  it('is the same on every run', () => {
    expect(new Traffic(smallTraffic).next(500)).toEqual(new Traffic(smallTraffic).next(500));
  });

  it('is made of lines of 16 fields, about 325 bytes, in order of time', () => {
    const { bytes, events } = new Traffic(smallTraffic).next(2_000);
    const parsed = new TextDecoder().decode(bytes).trimEnd().split('\n').map((line) => JSON.parse(line) as { ts: number });
    expect(new Set(parsed.map((event) => Object.keys(event).length))).toEqual(new Set([16]));
    expect(Math.abs(bytes.length / events - 325)).toBeLessThan(10);
    expect(parsed.every((event, i) => event.ts >= (parsed[i - 1]?.ts ?? 0))).toBe(true);
  });

  describe('when its windows are full', () => {
    let [engine, service]: (readonly string[])[] = [];
    let judged: { readonly oracle: readonly string[]; readonly engine: readonly string[] };

    beforeAll(() => {
      const traffic = new Traffic(smallTraffic);
      const contenders: readonly Contender[] = [engineFromBytes(startEngine(benchDefinition(), smallTraffic)), naive(), oracle(benchDefinition(), smallTraffic)];
      const { bytes } = traffic.next(warmEvents);
      for (const one of contenders) one.fill(bytes);
      const [first, rest] = [traffic.next(100).bytes, traffic.next(5_900).bytes];
      const [ofEngine = [], ofService = [], ofOracle = []] = contenders.map((one) => [...one.feed(first)].sort());
      judged = { oracle: ofOracle, engine: ofEngine };
      [engine, service] = contenders.slice(0, 2).map((one, i) => [...i === 0 ? ofEngine : ofService, ...one.feed(rest)].sort());
    });

    it('engine and naive service find the same alerts, of every rule', () => {
      expect(engine).toEqual(service);
      expect(rulesOf(engine ?? [])).toEqual(new Set(ruleTexts().map(({ id }) => id)));
    });

    it('engine and oracle find the same alerts', () => {
      expect(judged.oracle.length).toBeGreaterThan(50);
      expect(judged.engine).toEqual(judged.oracle);
    });
  });
});
