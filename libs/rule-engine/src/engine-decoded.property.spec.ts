import { describe, expect, it } from '@jest/globals';
import type { LogEvent } from '@weir/contracts';
import fc from 'fast-check';
import type { LineEngine } from './engine.js';
import { createEngine } from './engine-embedded.js';
import { definitionOf, ruleOf, testStart } from './testing/play-rule.js';

const rules = ['when: last("1m").count() > 2', 'by: merchant\nwhen: last("5m").distinct(acct) > 2', 'when: last("5m").max(amount) > 90.00 && last("1m").sum(amount) > 10.00'].map((lines, i) => ruleOf(lines, `rule-${i}`));
const outOfOrder = 20_000;

/** Payments: most in order of time, some a little back, some too late. */
const arbPayments = fc.array(fc.record({
  acct: fc.constantFrom('a', 'b', 'c', undefined), merchant: fc.constantFrom('m', 'n'), back: fc.constantFrom(0, 0, 0, 0, 5_000, 100_000), gap: fc.constantFrom(0, 1_000, 30_000),
  amount: fc.constantFrom('1.00', '50.25', '99.00'),
}), { minLength: 30, maxLength: 500, size: 'max' });

/** What does not depend on how many rows were read at once. */
function held(engine: LineEngine): unknown {
  const { seq, maxTs, keys, windowEvents } = engine.stats();
  return { seq, maxTs, keys, windowEvents };
}

describe('decoded events', () => {
  it('give the alerts of their lines and leave no key behind, late or out of order', () => {
    fc.assert(fc.property(arbPayments, fc.integer({ min: 1, max: 500 }), (payments, most) => {
      let now = testStart;
      const events = payments.map(({ back, gap, acct, merchant, amount }, i): LogEvent => {
        now += gap;
        return { kind: 'event', seq: i + 1, id: `e${i}`, type: 'payment', ts: now - back, fields: { ...(acct === undefined ? {} : { acct }), merchant, amount } };
      });
      const bytesOf = (some: readonly LogEvent[]): Uint8Array => new TextEncoder().encode(some.map(({ id, type, ts, fields }) => `{"id":"${id}","type":"${type}","ts":${ts},${fields['acct'] === undefined ? '' : `"acct":"${String(fields['acct'])}",`}"merchant":"${String(fields['merchant'])}","amount":${String(fields['amount'])}}\n`).join(''));
      const parse = (_: Uint8Array, seq: number): LogEvent | undefined => events[seq - 1];
      const [byLines, byColumns] = [0, 1].map(() => createEngine(definitionOf(rules, { maxOutOfOrdernessMs: outOfOrder })));
      if (byLines === undefined || byColumns === undefined) throw new Error('two engines');
      for (let from = 0; from < events.length; from += most) {
        const bytes = bytesOf(events.slice(from, from + most));
        expect(byColumns.applyDecoded(byColumns.decodeLines(bytes, from + 1, parse))).toEqual(byLines.applyLines(bytes, from + 1, parse));
        expect(held(byColumns)).toEqual(held(byLines));
      }
      const [again, gone] = [byColumns.decodeLines(bytesOf(events.slice(0, 5)), events.length + 1, () => undefined), byColumns.decodeLines(bytesOf(events.slice(0, 5)), events.length + 1, () => undefined)];
      byColumns.forgetDecoded(gone);
      expect(() => byColumns.applyDecoded(gone)).toThrow('forgotten before');
      byColumns.forgetDecoded(again);
      expect(held(byColumns)).toEqual(held(byLines));
      const end = { kind: 'heartbeat', seq: events.length + 1, ts: now + 10_000_000 } as const;
      for (const engine of [byLines, byColumns]) {
        engine.apply(end);
        expect(engine.stats()).toMatchObject({ keys: 0, windowEvents: 0 });
      }
    }), { numRuns: 12 });
  });
});
