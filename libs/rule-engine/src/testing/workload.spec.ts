import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createInterpreter } from '../interpret/interpreter.js';
import { alertDifference, playAll } from './same-alerts.js';
import { arbWorkload } from './workload.js';

/** A fixed seed: this looks at what the generator makes, not for faults. */
const samples = fc.sample(arbWorkload(), { numRuns: 400, seed: 20260105 });

describe('generated workloads', () => {
  it('hold every construct of when rules', () => {
    const texts = samples.flatMap((workload) => workload.ruleTexts).join('\n');
    const words = [
      'last(', 'before(', 'between(', 'since("day"', 'since("week"', 'since("month"', 'since("year"', 'lastEvents(', 'of(', 'by(', 'by()', 'payee == acct', '.where(', 'count()', 'count(', 'sum(', 'avg(', 'min(', 'max(',
      'stddev(', 'distinct(', 'first(', 'latest(', 'share(', 'exists(', 'first_seen(', 'previous.', 'has(', '.orValue(', 'size(', '.contains(', '.startsWith(', '.endsWith(', '.matches(', '.lowerAscii(', 'abs(', 'double(',
      'distance_km(', 'model(', 'duration(', 'timestamp(', ' in [', 'in list(', ' ? ', ' && ', ' || ', '!(', ' % ', ' / ', ' * ', '(-(', '.getHours(', '.getFullYear(', '.getDayOfWeek(', '"Asia/Kathmandu"', 'let:', 'reason:', '"on": [',
    ];
    expect(words.filter((word) => !texts.includes(word))).toEqual([]);
  });

  it('hold ties, late events, events out of order, missing fields, list changes and heartbeats', () => {
    const logs = samples.map((workload) => workload.entries);
    const events = logs.map((log) => log.flatMap((entry) => (entry.kind === 'event' ? [entry] : [])));
    const share = (count: number): number => count / samples.length;
    const some = (test: (log: (typeof events)[number]) => boolean): number => share(events.filter(test).length);
    expect(some((log) => log.some((event, index) => event.ts === log[index - 1]?.ts))).toBeGreaterThan(0.5);
    expect(some((log) => log.some((event) => event.late === true))).toBeGreaterThan(0.2);
    expect(some((log) => log.some((event, index) => event.late !== true && event.ts < (log[index - 1]?.ts ?? 0)))).toBeGreaterThan(0.3);
    expect(some((log) => log.some((event) => event.statedTs !== undefined))).toBeGreaterThan(0.05);
    expect(some((log) => log.some((event) => event.fields['acct'] === undefined))).toBeGreaterThan(0.2);
    expect(share(logs.filter((log) => log.some((entry) => entry.kind === 'list')).length)).toBeGreaterThan(0.3);
    expect(share(logs.filter((log) => log.some((entry) => entry.kind === 'heartbeat')).length)).toBeGreaterThan(0.2);
  });

  it('fire often, and are silent often', () => {
    const fired = samples.map(({ definition, entries }) => playAll(createInterpreter(definition), entries).length);
    expect(fired.filter((count) => count > 0).length / samples.length).toBeGreaterThan(0.5);
    expect(fired.filter((count) => count === 0).length / samples.length).toBeGreaterThan(0.1);
  });
});

describe('alertDifference', () => {
  const busy = samples.find(({ definition, entries }) => definition.options.evidence === 'full' && playAll(createInterpreter(definition), entries).length > 1);
  const alerts = busy === undefined ? [] : playAll(createInterpreter(busy.definition), busy.entries);
  const [first, ...rest] = alerts;

  it('finds none between equal runs', () => { expect(alertDifference(alerts, structuredClone(alerts) as typeof alerts)).toBeUndefined(); });
  it('names what is missing and where two alerts differ', () => {
    if (first === undefined) throw new Error('no sample fires');
    expect(alertDifference(alerts, rest)).toMatch(/alert 1 of|missing on the right/);
    expect(alertDifference(alerts, [{ ...first, reason: 'other' }, ...rest])).toMatch(/\.reason: /);
  });
});
