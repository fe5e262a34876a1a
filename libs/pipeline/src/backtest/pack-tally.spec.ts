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

const story = (id: string, kind: string, typology?: string): Story => ({ id, kind, isFraud: typology !== undefined, typology });
const probes = story('probes-1', 'probes', 'cards');
const probesAgain = story('probes-2', 'probes', 'cards');
const mules = story('mules-1', 'mules', 'mules');
const rent = story('rent-1', 'rent');
const event = (id: string, ts: number, shop = 's'): LogEvent => ({ kind: 'event', seq: ts, id, type: 'payment', ts, fields: { shop } });
// `as`: the tally reads the rule and the trigger's id of an alert, and its explanation
const alert = (ruleId: string, eventId: string): Alert => ({ rule: ruleId, trigger: { id: eventId } }) as unknown as Alert;
interface Evidence { readonly windows?: readonly (readonly { readonly id: string; readonly counted: boolean }[])[]; readonly steps?: readonly (readonly string[])[] }
// `as`: of an explanation it reads which events were counted and which a step took
const explained = ({ windows = [], steps }: Evidence): NonNullable<Alert['explanation']> => ({
  windows: windows.map((events) => ({ events })), ...(steps === undefined ? {} : { steps: steps.map((ids) => ({ events: ids.map((id) => ({ id })) })) }),
}) as unknown as NonNullable<Alert['explanation']>;

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
    { name: 'half of what one aggregate counted is right', counted: [['a', 'b', 'x', 'y'], ['x', 'y', 'z']], right: 1 },
    { name: 'less than half of each is wrong', counted: [['a', 'x', 'y'], ['b', 'x', 'y']], right: 0 },
    { name: 'nothing counted is wrong', counted: [[]], right: 0 },
  ])('judges the alert of a window by the events that were counted: $name', ({ counted, right }) => {
    const tally = tallyOf({ a: probes, b: probes });
    for (const id of ['a', 'b', 'x', 'y', 'z']) tally.event(event(id, 1));
    tally.alert({ ...alert('large', ''), trigger: undefined, explanation: explained({ windows: counted.map((ids) => [...ids.map((id) => ({ id, counted: true })), { id: 'a', counted: false }]) }) });
    expect(tally.report().packs[0]).toMatchObject({ alerts: 1, truePositives: right, caught: right });
  });

  it('judges the alert of a sequence by every event that the match took', () => {
    const tally = tallyOf({ copy: probes });
    for (const id of ['home', 'copy', 'back']) tally.event(event(id, 1));
    tally.alert({ ...alert('large', 'back'), explanation: explained({ steps: [['home'], ['copy'], ['back']] }) });
    expect(tally.report().packs[0]).toMatchObject({ truePositives: 1, caught: 1 });
  });

  it('leaves shares open where there is nothing to count', () => {
    expect(tallyOf({}).report()).toMatchObject({ events: 0, precision: null, recall: null });
  });
});
