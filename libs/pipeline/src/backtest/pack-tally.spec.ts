import { describe, expect, it } from '@jest/globals';
import type { Alert, LogEvent } from '@weir/contracts';
import { compileRule, parseSchema, type TypedRule } from '@weir/rule-lang';
import { PackTally, type Story } from './pack-tally.js';

const { schema } = parseSchema('version: 1\nevents:\n  payment:\n    shop: { type: string }\n    amount: { type: decimal, scale: 2 }\n', 'schema.yaml');
function rule(id: string, condition: string): TypedRule {
  if (schema === undefined) throw new Error('the test schema does not compile');
  const { rule: compiled, diagnostics } = compileRule(`rule: ${id}\ntitle: T\ndescription: D\nowner: o\non: payment\nby: shop\nseverity: low\nscore: 1\naction: none\n${condition}\n`, `${id}.yaml`, { schema });
  if (compiled === undefined) throw new Error(JSON.stringify(diagnostics));
  return compiled;
}
const large = rule('large', 'when: amount > 1.00');
const small = rule('small', 'when: amount < 1.00');
const burst = rule('burst', 'window: { tumble: 10s }\nhaving: count() >= 2');
const visit = rule('visit', 'window: { session: { gap: 10s } }\nhaving: count() >= 2');

const story = (id: string, kind: string, typology?: string): Story => ({ id, kind, isFraud: typology !== undefined, typology });
const probes = story('probes-1', 'probes', 'cards');
const probesAgain = story('probes-2', 'probes', 'cards');
const mules = story('mules-1', 'mules', 'mules');
const rent = story('rent-1', 'rent');
const event = (id: string, ts: number, shop = 's'): LogEvent => ({ kind: 'event', seq: ts, id, type: 'payment', ts, fields: { shop } });
// `as`: the tally reads rule, ts, key and the trigger's id of an alert, nothing else
const alert = (ruleId: string, eventId: string): Alert => ({ rule: ruleId, ts: 0, key: [], trigger: { id: eventId } }) as unknown as Alert;
const windowAlert = (ruleId: string, shop: string, endTs: number): Alert => ({ rule: ruleId, ts: endTs, key: [{ field: 'shop', value: shop }] }) as unknown as Alert;

function tallyOf(truth: Readonly<Record<string, Story>>, packs: Readonly<Record<string, readonly TypedRule[]>> = { cards: [large], mules: [small] }): PackTally {
  return new PackTally(Object.entries(packs).flatMap(([pack, rules]) => rules.map((each) => ({ rule: each, pack }))), (id) => truth[id]);
}

describe('the tally of packs', () => {
  it('counts precision by alert and recall by fraud: three alerts of one fraud catch one', () => {
    const tally = tallyOf({ a: probes, b: probes, c: probes, d: probesAgain });
    for (const id of ['a', 'b', 'c', 'd', 'e']) tally.event(event(id, 1));
    for (const id of ['a', 'b', 'c', 'e']) tally.alert(alert('large', id));
    expect(tally.report().packs[0]).toMatchObject({ pack: 'cards', alerts: 4, perThousand: 800, truePositives: 3, precision: 0.75, frauds: 2, caught: 1, recall: 0.5 });
  });

  it('asks a pack for the frauds that bear its name, and gives it credit for others in precision alone', () => {
    const tally = tallyOf({ a: probes, b: mules });
    for (const id of ['a', 'b']) tally.event(event(id, 1));
    tally.alert(alert('large', 'b'));
    expect(tally.report().packs).toMatchObject([{ pack: 'cards', precision: 1, frauds: 1, caught: 0, recall: 0 }, { pack: 'mules', precision: null, frauds: 1, caught: 0 }]);
    expect(tally.report()).toMatchObject({ frauds: 2, caught: 1, recall: 0.5 });
  });

  it('asks a pack whose name no fraud bears for all of them', () => {
    const tally = tallyOf({ a: probes, b: mules }, { everything: [large] });
    for (const id of ['a', 'b']) tally.event(event(id, 1));
    tally.alert(alert('large', 'b'));
    expect(tally.report().packs).toMatchObject([{ frauds: 2, caught: 1, recall: 0.5 }]);
  });

  it('says who the false positives are, and of each kind of story how many had an alert', () => {
    const tally = tallyOf({ a: rent, b: rent, c: probes });
    for (const id of ['a', 'b', 'c', 'd']) tally.event(event(id, 1));
    for (const id of ['a', 'b', 'd']) tally.alert(alert('large', id));
    expect(tally.report().packs[0]?.rules[0]?.falsePositives).toEqual([{ kind: 'rent', alerts: 2 }, { kind: 'everyday', alerts: 1 }]);
    expect(tally.report().kinds).toEqual([{ kind: 'probes', fraud: true, typology: 'cards', stories: 1, alerted: 0 }, { kind: 'rent', fraud: false, stories: 1, alerted: 1 }]);
  });

  it.each([
    { name: 'half of them', frauds: ['a', 'b'], right: 1 },
    { name: 'less than half', frauds: ['a'], right: 0 },
  ])('holds the alert of a window for right by its events: $name', ({ frauds, right }) => {
    const tally = tallyOf(Object.fromEntries(frauds.map((id) => [id, probes])), { cards: [burst] });
    for (const [i, id] of ['a', 'b', 'c', 'd'].entries()) tally.event(event(id, 10_000 + i));
    tally.event(event('other-shop', 10_000, 't'));
    tally.event(event('before', 9_999));
    tally.event(event('after', 20_000));
    tally.alert(windowAlert('burst', 's', 20_000));
    expect(tally.report().packs[0]).toMatchObject({ alerts: 1, truePositives: right, caught: right });
  });

  it('finds the events of a session back to its first', () => {
    const tally = tallyOf({ a: probes, b: probes, c: probes }, { cards: [visit] });
    for (const [id, ts] of [['x', 1_000], ['y', 2_000], ['a', 12_000], ['b', 21_999], ['c', 31_998]] as const) tally.event(event(id, ts));
    tally.alert(windowAlert('visit', 's', 41_998));
    expect(tally.report().packs[0]).toMatchObject({ truePositives: 1, caught: 1 });
  });

  it('leaves shares open where there is nothing to count', () => {
    expect(tallyOf({}).report()).toMatchObject({ events: 0, precision: null, recall: null });
  });
});
