import { describe, expect, it } from '@jest/globals';
import type { LogEvent } from '@weir/contracts';
import { compileRule, parseSchema } from '@weir/rule-lang';
import fc from 'fast-check';
import type { EngineDefinition } from './engine.js';
import { defaultEngineOptions } from './engine.js';
import { createEngine, restoreEngine } from './engine-embedded.js';
import { alertDifference, arbWorkload, playAll } from './testing/index.js';

const schemaText = 'version: 1\ncurrency: EUR\nevents:\n  payment:\n    card: { type: string, required: true }\n    device: { type: string, required: true }\n    amount: { type: decimal, scale: 2, required: true }\n';
const oneKey = ['last("10s").count() >= 3', 'last("5s").sum(amount) > 1000000.00'];
const severalKeys = [...oneKey, 'by(device).last("10s").sum(amount) > 1000000.00', 'last("5s").distinct(device) >= 2', 'by(card, device).before("10s").count() >= 5'];

/** Every key opens matches: one that waits for a second event, one that waits for its absence. */
const sequences = [
  'sequence:\n  within: 10s\n  steps:\n    - begin: one\n    - followedBy: two\n      where: amount > 5.00',
  'sequence:\n  steps:\n    - begin: one\n      where: amount > 5.00\n    - notFollowedBy: two\n      within: 10s',
  'sequence:\n  within: 10s\n  steps:\n    - begin: one\n    - followedByAny: two\n      where: amount > one.amount',
];

function definition(ruleTexts: readonly string[]): EngineDefinition {
  const { schema } = parseSchema(schemaText, 'schema.yaml');
  if (schema === undefined) throw new Error('the schema is refused');
  const rules = ruleTexts.map((when, i) => {
    const id = `hostile-${i}`;
    const { rule, diagnostics } = compileRule(`rule: ${id}\ntitle: T\ndescription: D\nowner: o\non: payment\nby: card\nseverity: low\nscore: 1\naction: none\nreason: r\n${when.startsWith('sequence') ? when : `when: ${when}`}\n`, `${id}.yaml`, { schema });
    if (rule === undefined) throw new Error(diagnostics[0]?.message);
    return { rule, mode: 'live' as const };
  });
  return { schema, rules, options: { ...defaultEngineOptions, evidence: 'none', maxOutOfOrdernessMs: 1_000, seed: 20_261_121 } };
}

/** Bytes written digit by digit: texts would cost more than the engine. */
class Lines {
  private readonly bytes = new Uint8Array(1 << 21);
  private readonly encoder = new TextEncoder();
  private length = 0;

  add(card: string, device: string, n: number, ts: number): void {
    this.length += this.encoder.encodeInto(`{"id":"e${n}","type":"payment","ts":${ts},"card":"${card}","device":"${device}","amount":1.25}\n`, this.bytes.subarray(this.length)).written;
  }

  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length);
    this.length = 0;
    return taken;
  }
}

function parse(line: Uint8Array, seq: number): LogEvent {
  // `as`: lines of this file's own making
  const { id, type, ts, card, device, amount } = JSON.parse(new TextDecoder().decode(line)) as { id: string; type: string; ts: number; card: string; device: string; amount: number };
  return { kind: 'event', seq, id, type, ts, fields: { card, device, amount: String(amount) } };
}

const batch = 10_000;
/** Events a ms: the longest window and the lateness bound together hold 11 s of them. */
const perMs = 4;
const held = 11_000 * perMs;
const firstTs = 1_000_000;

interface Attack { readonly rules: readonly string[]; readonly events: number; readonly keysOf: (n: number) => readonly [card: string, device: string]; readonly dimensions: number }

/** Every event brings keys that were never seen and never come again. @returns ns an event in the first and in the last fifth. */
function attack({ rules, events, keysOf, dimensions }: Attack): readonly number[] {
  const engine = createEngine(definition(rules));
  const lines = new Lines();
  let [mostKeys, mostEvents, earlyBytes, mostBytes] = [0, 0, 0, 0];
  const tookMs: number[] = [];
  for (let from = 0; from < events; from += batch) {
    for (let n = from; n < from + batch; n++) lines.add(...keysOf(n), n, firstTs + Math.floor(n / perMs));
    const began = performance.now();
    expect(engine.applyLines(lines.take(), from + 1, parse)).toEqual([]);
    tookMs.push(performance.now() - began);
    const { keys, windowEvents, stateBytes } = engine.stats();
    mostKeys = Math.max(mostKeys, keys);
    mostEvents = Math.max(mostEvents, windowEvents);
    mostBytes = Math.max(mostBytes, stateBytes);
    if (from + batch === events / 5) earlyBytes = mostBytes;
  }
  expect(mostKeys).toBeGreaterThan((dimensions - 1) * held);
  expect(mostKeys).toBeLessThanOrEqual(dimensions * (held + batch));
  expect(mostEvents).toBeLessThanOrEqual(held + batch);
  // Nothing grows with the keys ever seen.
  expect(mostBytes).toBeLessThan(1.01 * earlyBytes);
  const { seq, maxTs } = engine.stats();
  engine.apply({ kind: 'heartbeat', seq: seq + 1, ts: maxTs + 60_000 });
  expect(engine.stats()).toMatchObject({ keys: 0, windowEvents: 0 });
  const fifth = tookMs.length / 5;
  return [tookMs.slice(0, fifth), tookMs.slice(-fifth)].map((part) => (part.reduce((sum, ms) => sum + ms, 0) * 1e6) / (part.length * batch));
}

describe('keys that an attacker chooses', () => {
  it('cost the memory of those held at one time, when each of five million is used once', () => {
    const ns = attack({ rules: oneKey, events: 5_000_000, keysOf: (n) => [`k${n}`, 'd'], dimensions: 1 });
    if (process.env['WEIR_SHOW_TIMES'] !== undefined) process.stdout.write(`five million one-off keys: ${ns.map((one) => one.toFixed(0)).join(' ns an event in the first fifth, in the last ')} ns\n`);
  }, 300_000);

  it('cost no more for being long, or several to an event', () => {
    attack({ rules: severalKeys, events: 300_000, keysOf: (n) => [`a-card-with-a-long-number-${n}`, `the-device-of-nobody-at-all-${n}`], dimensions: 3 });
  }, 120_000);

  it('cost matches of sequences no more than those under way at one time', () => {
    const engine = createEngine(definition(sequences));
    const lines = new Lines();
    let most = 0;
    for (let from = 0; from < 150_000; from += batch) {
      for (let n = from; n < from + batch; n++) lines.add(`one-off-${n}`, 'd', n, firstTs + n);
      expect(engine.applyLines(lines.take(), from + 1, parse)).toEqual([]);
      most = Math.max(most, engine.stats().openMatches ?? 0);
    }
    // Two of the rules open a match with each event, for 10 s and the lateness bound at most.
    expect(most).toBeGreaterThan(2 * 9_000);
    expect(most).toBeLessThanOrEqual(2 * (11_000 + batch));
    const { seq, maxTs } = engine.stats();
    engine.apply({ kind: 'heartbeat', seq: seq + 1, ts: maxTs + 60_000 });
    expect(engine.stats()).toMatchObject({ keys: 0, windowEvents: 0, openMatches: 0 });
  }, 120_000);

  it('change no alert by the seed of the hash tables, nor by another one after a restore', () => {
    fc.assert(fc.property(arbWorkload({ kinds: ['when', 'when', 'sequence', 'window'], maxEntries: 40 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.nat(40), (workload, seed, other, n) => {
      const seeded = (value: number | undefined): EngineDefinition => ({ ...workload.definition, options: { ...workload.definition.options, seed: value } });
      const whole = playAll(createEngine(seeded(undefined)), workload.entries);
      expect(alertDifference(playAll(createEngine(seeded(seed)), workload.entries), whole)).toBeUndefined();
      const at = n % workload.entries.length;
      const first = createEngine(seeded(seed));
      const head = workload.entries.slice(0, at).flatMap((entry) => first.apply(entry));
      const restored = restoreEngine(seeded(other), first.snapshot());
      if (!restored.ok) throw new Error(restored.message);
      expect(alertDifference([...head, ...playAll(restored.engine, workload.entries.slice(at))], whole)).toBeUndefined();
    }), { numRuns: 25 });
  });
});
