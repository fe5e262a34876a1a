import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compileRule, parseSchema } from '@weir/rule-lang';
import { createEngine } from './engine-embedded.js';
import { defaultEngineOptions, type EngineOptions, type RuleEngine } from './engine.js';

const readme = readFileSync(join('libs', 'rule-engine', 'README.md'), 'utf8');

/** The figure of a row of the README's table, with these counts put in. */
function bytes(row: string, counts: Readonly<Record<string, number>> = {}): number {
  const line = readme.split('\n').find((each) => each.startsWith(`| ${row}`));
  const [, formula = ''] = /\| `([^`]+)`/.exec(line ?? '') ?? [];
  const names = Object.keys(counts);
  return Number(new Function(...names, `return ${formula}`)(...names.map((name) => counts[name])));
}

const { schema } = parseSchema('version: 1\nevents:\n  payment:\n    card: { type: string }\n    shop: { type: string }\n    amount: { type: decimal, scale: 2 }\n');

interface Load { readonly events: number; readonly keys: number; readonly shops?: number; readonly gapMs?: number; readonly options?: Partial<EngineOptions> }

function loaded(condition: string, { events, keys, shops = 1, gapMs = 1, options }: Load): RuleEngine {
  if (schema === undefined) throw new Error('the test schema does not compile');
  const body = condition.includes('sequence:') ? condition : `when: ${condition}`;
  const { rule, diagnostics } = compileRule(`rule: r\ntitle: T\ndescription: D\nowner: o\non: payment\nby: card\nseverity: low\nscore: 1\naction: none\n${body}\n`, 'r.yaml', { schema });
  if (rule === undefined) throw new Error(JSON.stringify(diagnostics));
  const engine = createEngine({ schema, rules: [{ rule, mode: 'live' }], options: { ...defaultEngineOptions, evidence: 'none', ...options } });
  for (let i = 0; i < events; i++) {
    const fields = { card: `k${i % keys}`, shop: `s${Math.floor(i / keys) % shops}`, amount: '1.5' };
    engine.apply({ kind: 'event', seq: i + 1, id: `e${i}`, type: 'payment', ts: 1_795_200_000_000 + i * gapMs, fields });
  }
  return engine;
}
const stateBytes = (condition: string, load: Load): number => loaded(condition, load).stats().stateBytes;

const thousands = 1_024;
/** What one more costs: the loads are powers of two, so that the arrays are full. */
function perEvent(condition: string, options: Partial<EngineOptions> = {}, events = 8 * thousands): number {
  return (stateBytes(condition, { events: 2 * events, keys: 500, options }) - stateBytes(condition, { events, keys: 500, options })) / events;
}
function perKey(condition: string): number {
  // Two ids are spoken for, so 4,000 keys fill a table of 4,096 and 8,000 one of 8,192.
  return (stateBytes(condition, { events: 16 * thousands, keys: 8_000 }) - stateBytes(condition, { events: 16 * thousands, keys: 4_000 })) / (4 * thousands);
}

const event = 'an event that a window may still see';
const key = 'a key, in each dimension';
const count = 'last("1h").count() > 100000000';
const sum = 'last("1h").sum(amount) > 100000000.00';

describe('the state, in bytes', () => {
  it.each([
    { name: 'a count: one key, its chain', condition: count, ids: 1, chains: 1, words: 0, numbers: 0 },
    { name: 'a filtered count: a word of predicates too', condition: 'last("1h").where(amount > 1.00).count() > 100000000', ids: 1, chains: 1, words: 1, numbers: 0 },
    { name: 'a sum: its number, and whether it is there', condition: sum, ids: 1, chains: 1, words: 1, numbers: 1 },
    { name: 'a distinct: the id of its value', condition: 'last("1h").distinct(shop) > 100000000', ids: 2, chains: 1, words: 1, numbers: 0 },
    { name: 'three windows: no more than one', condition: 'last("1h").sum(amount) + last("30m").sum(amount) + last("5m").sum(amount) > 100000000.00', ids: 1, chains: 1, words: 1, numbers: 1 },
  ])('is for an event what the README says: $name', ({ condition, name: _name, ...columns }) => {
    expect(perEvent(condition)).toBe(bytes(event, columns));
  });

  it('is twelve bytes and the JSON more where evidence is kept', () => {
    const withEvidence = bytes('the same where evidence is kept', { ids: 1, chains: 1, words: 0, numbers: 0 });
    const json = perEvent(count, { evidence: 'full' }, 16 * thousands) - withEvidence;
    // Kept in pieces of 1 MiB: by so many events one piece is 64 bytes each.
    expect(json).toBeGreaterThanOrEqual(64);
    expect(json).toBeLessThanOrEqual(192);
  });

  it.each([
    { name: 'a count', condition: count, cells: 2 },
    { name: 'a count and a sum, padded', condition: 'last("1h").count() > 5 && last("1h").sum(amount) > 100000000.00', cells: 4 },
    { name: 'an average', condition: 'last("1h").avg(amount) > 100000000.00', cells: 4 },
  ])('is for a key what the README says: $name', ({ condition, cells }) => {
    expect(perKey(condition)).toBe(bytes(key, { cells }));
  });

  it('is for a pair of a distinct what the README says', () => {
    // 4,096 keys; with the first 4,096 events each has one shop, with the next 4,096 two.
    const pairs = (shops: number): number => stateBytes('last("1h").distinct(shop) > 100000000', { events: 16 * thousands, keys: 4_000, shops });
    expect((pairs(4) - pairs(2)) / (8 * thousands)).toBe(bytes('a live (key, value) pair'));
  });

  it('is for an event that a maximum still needs what the README says', () => {
    // Amounts are equal and a later one makes an earlier one useless: one event a key.
    expect(perKey('last("1h").max(amount) > 100000000.00') - bytes(key, { cells: 2 })).toBe(bytes('an event that a `min`') + 16);
  });

  it('is nothing for rules that look at the event alone', () => {
    expect(stateBytes('amount > 100000.00', { events: thousands, keys: 100 })).toBe(0);
  });

  it('is a few matches for each key of a sequence, however many events could begin one, and at most the bound where each counts', () => {
    const sequence = (second: string): string => `sequence:\n  within: 7d\n  steps:\n    - begin: a\n      where: amount > 1.00\n    - followedBy: b\n      where: ${second}`;
    // Two minutes apart, beyond the lateness bound: nothing may come between them any more.
    const matches = (events: number): number => loaded(sequence('amount > 100.00'), { events, keys: 16, gapMs: 120_000 }).stats().openMatches ?? 0;
    expect(matches(2 * thousands)).toBeLessThanOrEqual(16 * 16);
    expect(matches(4 * thousands)).toBeLessThanOrEqual(16 * 16);
    expect(loaded(sequence('amount > 100.00 * a.amount'), { events: 2 * thousands, keys: 4, options: { maxOpenMatches: 100 } }).stats()).toMatchObject({ openMatches: 400, givenUpMatches: 2 * thousands - 400 });
  });
});
