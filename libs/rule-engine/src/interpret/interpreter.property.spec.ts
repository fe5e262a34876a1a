import { describe, expect, it } from '@jest/globals';
import type { LogEntry, LogEvent } from '@weir/contracts';
import fc from 'fast-check';
import { alertDifference, playAll } from '../testing/same-alerts.js';
import { arbWorkload } from '../testing/workload.js';
import { createInterpreter, restoreInterpreter } from './interpreter.js';

const runs = { numRuns: 150 };

describe('the interpreter', () => {
  it('gives the same alerts when it is cut and restored at any point', () => {
    fc.assert(fc.property(arbWorkload(), fc.nat(), ({ definition, entries }, n) => {
      const cut = n % (entries.length + 1);
      const first = createInterpreter(definition);
      const head = entries.slice(0, cut).flatMap((entry) => first.apply(entry));
      const restored = restoreInterpreter(definition, first.snapshot());
      if (!restored.ok) throw new Error(restored.message);
      expect(alertDifference([...head, ...playAll(restored.engine, entries.slice(cut))], playAll(createInterpreter(definition), entries))).toBeUndefined();
    }), runs);
  });

  it('sees a history handed to it as if it had applied it, in rules that keep nothing but events', () => {
    fc.assert(fc.property(arbWorkload({ evaluation: 'arrival' }), fc.nat(), ({ definition, entries }, n) => {
      const whens = { ...definition, rules: definition.rules.filter(({ rule }) => rule.body.kind === 'when') };
      const inTime = entries.filter((entry) => entry.kind !== 'event' || entry.late === undefined);
      const cut = n % (inTime.length + 1);
      const whole = createInterpreter(whens);
      for (const entry of inTime.slice(0, cut)) whole.apply(entry);
      expect(alertDifference(playAll(createInterpreter(whens, inTime.slice(0, cut)), inTime.slice(cut)), playAll(whole, inTime.slice(cut)))).toBeUndefined();
    }), runs);
  });

  it('gives in watermark mode the same alerts for every order of arrival inside the bound', () => {
    fc.assert(fc.property(arbWorkload({ evaluation: 'watermark' }), fc.infiniteStream(fc.nat(1_000_000)), ({ definition, entries }, noise) => {
      const bound = definition.options.maxOutOfOrdernessMs;
      const inTime = entries.filter((entry): entry is LogEvent => entry.kind === 'event' && entry.late === undefined).sort((a, b) => a.ts - b.ts || a.seq - b.seq);
      // seq stays with the event where ts ties, else it is given anew by arrival; the alerts are compared by id
      const inOrder = resequenced(inTime);
      const shuffled = resequenced(delayed(inTime, bound, () => noise.next().value));
      const ids = (log: readonly LogEntry[]): readonly string[] => playAll(createInterpreter(definition), log).map((alert) => `${alert.alertId} ${alert.reason}`);
      expect(ids(shuffled)).toEqual(ids(inOrder));
    }), runs);
  });

  it('gives in arrival mode the alerts of watermark mode when all events come in order at times of their own', () => {
    fc.assert(fc.property(arbWorkload({ evaluation: 'arrival' }), ({ definition, entries }) => {
      const events = entries.filter((entry): entry is LogEvent => entry.kind === 'event' && entry.late === undefined)
        .sort((a, b) => a.ts - b.ts || a.seq - b.seq).map((event, index) => ({ ...event, seq: index + 1, ts: event.ts + index }));
      const play = (evaluation: 'arrival' | 'watermark'): readonly string[] => playAll(createInterpreter({ ...definition, options: { ...definition.options, evaluation } }), events).map((alert) => `${alert.alertId} ${alert.reason}`);
      expect(play('watermark')).toEqual(play('arrival'));
    }), runs);
  });
});

function resequenced(events: readonly LogEvent[]): readonly LogEvent[] { return events.map((event, index) => ({ ...event, seq: index + 1 })); }

/** The events as they come when each is held back by less than the bound; those of one ms keep their order, for seq breaks their tie. */
function delayed(events: readonly LogEvent[], boundMs: number, noise: () => number): readonly LogEvent[] {
  let lastTs = -1;
  let lastArrival = 0;
  return events.map((event, index) => {
    const arrival = event.ts + (noise() % (boundMs + 1));
    lastArrival = event.ts === lastTs ? Math.max(lastArrival, arrival) : arrival;
    lastTs = event.ts;
    return { event, arrival: lastArrival, index };
  }).sort((a, b) => a.arrival - b.arrival || a.index - b.index).map((one) => one.event);
}
