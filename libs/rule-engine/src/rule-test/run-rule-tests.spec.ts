import { describe, expect, it } from '@jest/globals';
import { plainSchema, ruleOf } from '../testing/play-rule.js';
import { runRuleTests } from './run-rule-tests.js';

const schema = plainSchema();
function results(tests: string, when = 'last("10m").count() >= 2'): ReturnType<typeof runRuleTests> {
  return runRuleTests(ruleOf(`when: ${when}\ntests:\n${tests}`), schema);
}

describe('runRuleTests', () => {
  it('plays each test in both modes unless it names one', () => {
    const found = results(`
  - name: both
    events: [{ id: a, at: 0s, acct: x }, { id: b, at: 1s, acct: x }]
    alerts: [b]
  - name: one
    evaluation: watermark
    events: [{ id: a, at: 0s, acct: x }, { id: b, at: 0s, acct: x }]
    alerts: [a, b]
`);
    expect(found.map((one) => [one.name, one.evaluation, one.passed])).toEqual([['both', 'arrival', true], ['both', 'watermark', true], ['one', 'watermark', true]]);
  });

  it('tells what was expected and silent, and what alerted and was not expected', () => {
    const [found] = results('  - name: wrong\n    evaluation: arrival\n    events: [{ id: a, at: 0s, acct: x }, { id: b, at: 1s, acct: x }]\n    alerts: [a]');
    expect(found).toMatchObject({ rule: 'under-test', passed: false, expected: ['a'], actual: ['b'], message: 'expected but silent: a; alerted but not expected: b' });
  });

  it('checks the time of an alert where the test states it', () => {
    const events = 'events: [{ id: a, at: 0s, acct: x }, { id: b, at: 1s, acct: x }]';
    expect(results(`  - name: right\n    evaluation: arrival\n    ${events}\n    alerts: [{ event: b, at: 1s }]`)[0]?.passed).toBe(true);
    expect(results(`  - name: wrong\n    evaluation: arrival\n    ${events}\n    alerts: [{ event: b, at: 2s }]`)[0]).toMatchObject({
      passed: false, message: 'expected but silent: b at 2026-01-05T00:00:02.000Z; alerted but not expected: b at 2026-01-05T00:00:01.000Z',
    });
  });

  it('marks events that come too late as the log does: stateless rules see them, windows do not', () => {
    const late = 'events: [{ id: a, at: 2m, acct: x }, { id: b, at: 0s, acct: x }, { id: c, at: 2m1s, acct: x }]';
    expect(results(`  - name: late\n    ${late}\n    alerts: [c]`).every((one) => one.passed)).toBe(true);
    expect(results(`  - name: late\n    ${late}\n    alerts: [a, b, c]`, 'has(acct)').every((one) => one.passed)).toBe(true);
  });

  it('gives lists and model scores to the rule', () => {
    const found = results('  - name: given\n    lists: { watched: [m] }\n    models: { risk: 0.9 }\n    events: [{ id: a, at: 0s, acct: x, merchant: m }, { id: b, at: 0s, acct: x, merchant: n }]\n    alerts: [a]', 'merchant in list("watched") && model("risk") > 0.5');
    expect(found.map((one) => one.message)).toEqual([undefined, undefined]);
  });

  it('fails the tests of a rule that the engine refuses, with its message', () => {
    const rule = ruleOf('when: amount > 1.00\ntests:\n  - name: any\n    evaluation: arrival\n    events: [{ id: a, at: 0s, acct: x }]\n    alerts: []');
    const refusing = (): never => { throw new Error('no such rule here'); };
    expect(runRuleTests(rule, schema, refusing)).toMatchObject([{ passed: false, message: 'no such rule here' }]);
  });
});
