import { describe, expect, it } from '@jest/globals';
import type { Alert, LogEvent } from '@weir/contracts';
import { createEngine } from './engine-embedded.js';
import type { EngineDefinition, LineEngine } from './engine.js';
import { beginMigration } from './engine-migration.js';
import { definitionOf, ruleOf, testStart } from './testing/play-rule.js';

const minute = 60_000;
const encode = (event: LogEvent): string => `${JSON.stringify({ id: event.id, type: event.type, ts: event.ts, ...event.fields })}\n`;
const linesOf = (events: readonly LogEvent[]): Uint8Array => new TextEncoder().encode(events.map(encode).join(''));

function parse(line: Uint8Array, seq: number): LogEvent {
  const { id, type, ts, ...fields } = JSON.parse(new TextDecoder().decode(line)) as { id: string; type: string; ts: number } & Record<string, string>;
  return { kind: 'event', seq, id, type, ts, fields };
}
const payment = (seq: number, at: number, fields: LogEvent['fields']): LogEvent => ({ kind: 'event', seq, id: `e${seq}`, type: 'payment', ts: testStart + at, fields: { acct: `acct ${seq}`, merchant: 'm', ...fields } });

describe('an engine fed by lines', () => {
  it('hands its matches under way over to another rule set with the events that they have taken', () => {
    const absence = ruleOf('sequence:\n  within: 10m\n  steps:\n    - begin: sent\n      where: merchant == "a"\n    - notFollowedBy: back\n      where: merchant == "b"', 'absence');
    const definitionWith = (...others: readonly ReturnType<typeof ruleOf>[]): EngineDefinition => definitionOf([absence, ...others], { maxOutOfOrdernessMs: 0 });
    const events = Array.from({ length: 12 }, (_, i) => payment(i + 1, i * 1000, { merchant: i % 3 === 0 ? 'a' : 'c' }));
    const old = createEngine(definitionWith());
    old.applyLines(linesOf(events), 1, parse);
    const migration = beginMigration(old, definitionWith(ruleOf('when: merchant == "z"', 'added')));
    if (migration === undefined) throw new Error('no migration');
    migration.copyBefore(migration.seq + 1);
    while (migration.copy());
    while (migration.takeOver());
    const { engine } = migration;
    const whole = createEngine(definitionWith());
    whole.applyLines(linesOf(events), 1, parse);
    const late = { kind: 'heartbeat', seq: 13, ts: testStart + 20 * minute } as const;
    const alerts = engine.apply(late);
    expect(alerts.map(({ key, trigger }) => [key[0]?.value, trigger?.id])).toEqual(events.filter((_, i) => i % 3 === 0).map(({ id, fields }) => [fields['acct'], id]));
    expect(alerts).toEqual(whole.apply(late));
  });

  it('finds a place with the event that has one, also in the batches after it', () => {
    const far = ruleOf('when: has(place)', 'far');
    const run = (take: (engine: LineEngine, lines: Uint8Array) => readonly Alert[]): readonly string[] => {
      const events = Array.from({ length: 700 }, (_, i) => payment(i + 1, i, i === 0 ? { place: { lat: 10, lon: 10, x: 0, y: 0, z: 0 } } : {}));
      return take(createEngine(definitionOf([far])), linesOf(events)).flatMap(({ trigger }) => trigger?.id ?? []);
    };
    expect(run((engine, lines) => engine.applyDecoded(engine.decodeLines(lines, 1, parse)))).toEqual(run((engine, lines) => engine.applyLines(lines, 1, parse)));
  });

  it('counts a burst when it comes to be of an age, in the middle of a batch', () => {
    const rules = [ruleOf('when: between("2m", "1m").max(amount) > 5.00', 'largest'), ruleOf('when: between("2m", "1m").distinct(merchant) > 1', 'merchants')];
    const burst = Array.from({ length: 3_000 }, (_, i) => payment(i + 1, Math.floor(i / 100), { acct: `acct ${i % 1_500}`, merchant: `m${i % 7}`, amount: `${i % 10}.50` }));
    const later = Array.from({ length: 250 }, (_, i) => payment(3_001 + i, minute - 5_000 + 400 * i, { acct: `acct ${7 * i}`, amount: '1.00' }));
    const [byLines, byEvents] = [createEngine(definitionOf(rules)), createEngine(definitionOf(rules))];
    const alerts = [...byLines.applyLines(linesOf(burst), 1, parse), ...byLines.applyLines(linesOf(later), 3_001, parse)];
    expect(alerts).toEqual([...burst, ...later].flatMap((event) => byEvents.apply(event)));
    expect(alerts.length).toBeGreaterThan(100);
  });
});
