import { describe, expect, it } from '@jest/globals';
import { testSchema } from '../testing/expect-diagnostics.js';
import { canonicalText } from './canonical-text.js';
import { compileRule } from './compile-rule.js';
import type { TypedExpr, TypedRule, TypedStep } from './typed-rule.js';

const schema = testSchema();
const compiled = (text: string): TypedRule => {
  const { rule, diagnostics } = compileRule(text, 'draft', { schema });
  if (rule === undefined) throw new Error(JSON.stringify(diagnostics, undefined, 1));
  return rule;
};
const rule = (when: string, ...more: string[]) => compiled(['rule: r', 'on: payment', 'by: account_id', ...more, `when: ${JSON.stringify(when)}`].join('\n'));
const condition = (when: string, ...more: string[]): TypedExpr => {
  const { body } = rule(when, ...more);
  if (body.kind !== 'when') throw new Error(body.kind);
  return body.condition;
};
/** Type of the left side of the comparison that the condition is. */
const typeOf = (left: string, right: string) => {
  const expr = condition(`${left} == ${right}`);
  return expr.kind === 'compare' ? expr.left.type : expr.kind;
};

describe('types', () => {
  it.each([
    ['retries + 1', '2', 'int'], ['retries + 1.5', '2.5', 'decimal'], ['amount * 2', '4.00', 'decimal'], ['amount / 2', '1.5', 'fraction'], ['7 / 2 + retries', '3.5', 'fraction'], ['amount + risk', '1.0', 'double'],
    ['retries % 2', '1', 'int'], ['amount % 100.00', '0.00', 'decimal'], ['ts - opened', 'duration("1h")', 'duration'], ['(ts - opened) * 0.5', 'duration("1h")', 'duration'], ['(ts - opened) / duration("1h")', '2.5', 'fraction'],
    ['ts + duration("1h")', 'opened', 'timestamp'], ['country + "x"', '"GBx"', 'string'], ['country.size()', '2', 'int'], ['size(country)', '2', 'int'], ['ts.getHours("Europe/London")', '3', 'int'], ['abs(amount)', '1.00', 'decimal'],
    ['max(retries, amount)', '1.00', 'decimal'], ['max(ts, opened)', 'opened', 'timestamp'], ['abs(ts - opened)', 'duration("1.5h")', 'duration'], ['(ts - opened).getHours()', '3', 'int'], ['size([1, retries])', '2', 'int'], ['double(country)', 'risk', 'double'], ['double(amount)', 'risk', 'double'], ['retries.orValue(0.5)', '1', 'decimal'], ['(declined ? 1 : amount / 2)', '1', 'fraction'], ['model("m")', 'risk', 'double'], ['distance_km(location, previous.location)', 'risk', 'double'],
    ['last("1h").count()', '3', 'int'], ['last("1h").sum(amount)', '3.00', 'decimal'], ['last("1h").sum(risk)', 'risk', 'double'], ['last("1h").avg(amount)', '3.00', 'fraction'], ['last("1h").avg(risk)', 'risk', 'double'], ['last("1h").stddev(amount)', 'risk', 'double'],
    ['last("1h").share(declined)', '0.5', 'fraction'], ['last("1h").max(ts)', 'opened', 'timestamp'], ['last("1h").latest(country)', '"GB"', 'string'], ['last("1h").distinct(country)', '3', 'int'], ['previous.amount', '3.00', 'decimal'],
  ])('%s == %s: the left side is of type %s', (left, right, type) => { expect(typeOf(left, right)).toBe(type); });

  it('gives literals as exact numbers without trailing zeros, and durations and timestamps in ms', () => {
    const literalOf = (text: string, other: string) => {
      const expr = condition(`${other} != ${text}`);
      return expr.kind === 'compare' && expr.right.kind === 'literal' ? expr.right.value : undefined;
    };
    expect(literalOf('5.50', 'amount')).toEqual({ type: 'decimal', unscaled: 55n, scale: 1 });
    expect(literalOf('-1e3', 'amount')).toEqual({ type: 'decimal', unscaled: -1000n, scale: 0 });
    expect(literalOf('0x10', 'retries')).toEqual({ type: 'int', unscaled: 16n, scale: 0 });
    expect(literalOf('duration("1h30m")', 'ts - opened')).toEqual({ type: 'duration', ms: 5_400_000 });
    expect(literalOf('timestamp("2026-01-05T00:00:00Z")', 'ts')).toEqual({ type: 'timestamp', ms: 1_767_571_200_000 });
  });

  it('gives each node its text and its place in the file', () => {
    const { body } = compiled('rule: r\non: payment\nby: account_id\nwhen: |-\n  declined\n  && (amount +\n      1.00) > 5.00\n');
    const right = body.kind === 'when' && body.condition.kind === 'and' ? body.condition.right : undefined;
    expect(right?.text).toBe('(amount +\n    1.00) > 5.00');
    expect(right?.span).toEqual({ line: 6, column: 6, endLine: 7, endColumn: 19 });
  });
});

describe('windows', () => {
  const id = (when: string, ...more: string[]) => canonicalText(condition(when, ...more));

  it.each([
    ['last("10m").count() > 1', '(of(payment).by(account_id).last(600000).count() > 1)'],
    ['by(merchant_id, account_id).last("1h").count() > 1', '(of(payment).by(account_id, merchant_id).last(3600000).count() > 1)'],
    ['by().last("1h").count() > 1', '(of(payment).by().last(3600000).count() > 1)'],
    ['by(payee_id == account_id).last("1h").sum(amount) > 1', '(of(payment).by(payee_id == account_id).last(3600000).sum(amount) > 1)'],
    ['of(transfer, payment).before("1h").count() > 1', '(of(payment, transfer).by(account_id).before(3600000).count() > 1)'],
    ['last("1h").count(declined) > 1', '(of(payment).by(account_id).last(3600000).where(declined).count() > 1)'],
    ['last("1h").where(amount > 1.00).count(declined) > 1', '(of(payment).by(account_id).last(3600000).where(((amount > 1.0) && declined)).count() > 1)'],
    ['last("1h").exists(declined)', 'of(payment).by(account_id).last(3600000).exists(declined)'],
    ['first_seen(device_id, "30d")', '(of(payment).by(account_id, device_id).before(2592000000).count() == 0)'],
    ['first_seen(account_id, "30d")', '(of(payment).by(account_id).before(2592000000).count() == 0)'],
    ['since("day").count() > 1', '(of(payment).by(account_id).since(day, UTC).count() > 1)'],
    ['between("14d", "7d").count() > 1', '(of(payment).by(account_id).between(1209600000, 604800000).count() > 1)'],
    ['lastEvents(5).where(declined).count() > 1', '(of(payment).by(account_id).lastEvents(5).where(declined).count() > 1)'],
  ])('%s means %s', (when, text) => { expect(id(when)).toBe(text); });

  it('have the same id however they are written', () => {
    expect(id('last("60m").where(declined == true).of(payment).sum(amount) > 1')).toBe(id('of(payment).by(account_id).last("1h").where( (declined) == true ).sum( amount ) > 1'));
  });
});

describe('what a rule is', () => {
  it.each([
    { name: 'looks at the event and lists only', when: 'amount > 5.00 && merchant_id in list("x")', stateless: true, span: 0 },
    { name: 'looks at a window', when: 'last("10m").count() > 1', stateless: false, span: 600_000 },
    { name: 'looks at previous', when: 'ts - previous.ts > duration("1h")', stateless: false, span: 35 * 86_400_000 },
    { name: 'looks at the last events', when: 'lastEvents(3).count() > 1', stateless: false, span: 35 * 86_400_000 },
    { name: 'looks at the local day', when: 'since("day").count() > 1', stateless: false, span: 25 * 3_600_000 },
  ])('$name', ({ when, stateless, span }) => { expect(rule(when)).toMatchObject({ isStateless: stateless, longestSpanMs: span }); });

  it('has defaults for what its file leaves out', () => {
    expect(compiled('rule: bare\non: payment\nwhen: declined')).toMatchObject({ id: 'bare', title: 'bare', description: '', owner: '', by: [], severity: 'medium', score: 0, action: 'none', reason: [], tests: [] });
  });

  it('takes `by` and `on` as words or lists, in any style of YAML', () => {
    expect(compiled('rule: r\n"on":\n  - payment\n  - transfer\nby: [account_id, payee_id]\nwhen: >-\n  amount\n  > 5.00')).toMatchObject({ on: ['payment', 'transfer'], by: ['account_id', 'payee_id'] });
  });

  it('reads its reason as texts and values', () => {
    const { reason } = rule('probes > 3', 'let: { probes: last("10m").count() }', 'reason: "{{x}} {amount} after {probes}"');
    expect(reason.map((part) => (part.kind === 'text' ? part.text : `<${part.name}:${part.expr.kind}>`))).toEqual(['{x} ', '<amount:field>', ' after ', '<probes:let>']);
  });

  it('does not change its version with the fields that only its reason shows', () => {
    expect(rule('declined', 'reason: "{currency}"').canonical).toBe(rule('declined').canonical);
  });

  it('changes its version with the declared type of a field it uses', () => {
    const other = { ...schema, types: schema.types.map((type) => ({ ...type, fields: type.fields.map((field) => (field.name === 'amount' ? { ...field, scale: 3 } : field)) })) };
    const text = 'rule: r\non: payment\nwhen: amount > 5.00';
    expect(compileRule(text, '', { schema: other }).rule?.version).not.toBe(compileRule(text, '', { schema }).rule?.version);
  });
});

describe('portability', () => {
  const sequence = (...steps: string[]) => compiled(['rule: r', 'on: payment', 'by: account_id', 'sequence:', '  within: 1h', '  steps:', ...steps.map((line) => `    ${line}`)].join('\n')).portability.class;

  it.each([
    ['amount > 5.00', 'E'], ['last("1h").distinct(country) > 1', 'E'], ['before("1h").avg(amount) > 1', 'E'], ['before("1h").distinct(country) > 1', 'R'], ['between("2h", "1h").max(amount) > 1.00', 'R'], ['last("1h").latest(country) == "GB"', 'R'],
    ['last("1h").first(country) == "GB"', 'R'], ['lastEvents(3).count() > 1', 'R'], ['by(payee_id == account_id).last("1h").count() > 1', 'R'], ['since("day").count() > 1', 'E'], ['since("day", "Europe/London").count() > 1', 'R'],
    ['last("1h").sum(risk) > 1.0', 'R'], ['country.matches("G.*")', 'R'], ['double(country) > risk', 'R'], ['of(payment).last("1h").stddev(risk) > 1.0', 'R'], ['distance_km(location, previous.location) > 5.0', 'E'], ['between("2h", "1h").share(declined) > 0.5', 'E'], ['before("1h").stddev(amount) > 1.0', 'E'], ['between("2h", "1h").distinct(country) > 1', 'R'], ['before("1h").min(amount) > 1.00', 'R'], ['before("1h").sum(amount) > 1.00', 'E'], ['(ts - opened).getHours() > 3', 'E'], ['model("m") > 0.5', 'R'], ['ts - previous.ts > duration("1h")', 'E'], ['first_seen(device_id, "1d")', 'E'], ['merchant_id in list("x")', 'E'],
  ])('%s is of class %s', (when, expected) => {
    const { class: portable, reasons } = rule(when).portability;
    expect(portable).toBe(expected);
    expect(reasons.length > 0).toBe(expected === 'R');
  });

  it.each([
    { name: 'two fixed steps', steps: ['- begin: a', '  times: 3', '- next: b'], expected: 'E' },
    { name: 'an optional first step', steps: ['- begin: a', '  optional: true', '- next: b'], expected: 'R' },
    { name: 'a greedy step', steps: ['- begin: a', '  times: 2..', '  greedy: true', '- next: b'], expected: 'R' },
    { name: 'a step with until', steps: ['- begin: a', '  times: 2..', '  until: declined', '- next: b'], expected: 'R' },
    { name: 'combinations', steps: ['- begin: a', '  times: 2', '  allowCombinations: true', '- next: b'], expected: 'R' },
    { name: 'a consecutive first step', steps: ['- begin: a', '  times: 2', '  consecutive: true', '- next: b'], expected: 'E' },
    { name: 'notFollowedBy in the middle', steps: ['- begin: a', '- notFollowedBy: b', '- followedBy: c'], expected: 'E' },
    { name: 'notNext', steps: ['- begin: a', '- notNext: b', '- followedBy: c'], expected: 'R' },
    { name: 'plain steps', steps: ['- begin: a', '- followedBy: b'], expected: 'E' },
    { name: 'an open first step that nothing refers to', steps: ['- begin: a', '  times: 3..', '- next: b'], expected: 'E' },
    { name: 'an open first step with a condition on it', steps: ['- begin: a', '  times: 3..', '- next: b', '  where: amount > a.amount'], expected: 'R' },
    { name: 'an open later step', steps: ['- begin: a', '- next: b', '  times: 2..', '- next: c'], expected: 'R' },
    { name: 'an optional step', steps: ['- begin: a', '- next: b', '  optional: true', '- next: c'], expected: 'R' },
    { name: 'followedByAny', steps: ['- begin: a', '- followedByAny: b'], expected: 'R' },
    { name: 'absence after one step', steps: ['- begin: a', '- notFollowedBy: b'], expected: 'E' },
    { name: 'absence after two steps', steps: ['- begin: a', '- next: b', '- notFollowedBy: c'], expected: 'R' },
    { name: 'absence after two steps with its own within', steps: ['- begin: a', '- next: b', '- notFollowedBy: c', '  within: 5m'], expected: 'E' },
    { name: 'within on a step', steps: ['- begin: a', '- next: b', '  within: 5m'], expected: 'R' },
    { name: 'several events at the end', steps: ['- begin: a', '- next: b', '  times: 2'], expected: 'R' },
  ])('$name: $expected', ({ steps, expected }) => { expect(sequence(...steps)).toBe(expected); });
});

describe('portability of window rules and of what becomes an alert', () => {
  it.each([
    ['{ tumble: 5m }', 'count() > 1', 'E'], ['{ hop: { size: 10m, every: 1m } }', 'distinct(country) > 1', 'E'], ['{ session: { gap: 5m } }', 'count() > 1', 'R'], ['{ tumble: 5m }', 'sum(risk) > 1.0', 'R'], ['{ tumble: 5m }', 'latest(country) == "GB"', 'R'],
  ])('%s having %s is of class %s', (window, having, expected) => {
    expect(compiled(`rule: r\non: payment\nby: merchant_id\nwindow: ${window}\nhaving: ${having}`).portability.class).toBe(expected);
  });

  it.each([['eachEnd', 'E'], ['skipToNext', 'E'], ['skipPastLastEvent', 'E'], ['noSkip', 'R'], ['{ skipToFirst: b }', 'R'], ['{ skipToLast: a }', 'R']])('afterMatch: %s is of class %s', (afterMatch, expected) => {
    expect(compiled(`rule: r\non: payment\nby: account_id\nsequence:\n  within: 1h\n  afterMatch: ${afterMatch}\n  steps:\n    - begin: a\n    - next: b`).portability.class).toBe(expected);
  });
});

describe('sequences', () => {
  it('have every field of every step', () => {
    const { body } = compiled(['rule: r', 'on: [payment, login]', 'by: account_id', 'sequence:', '  within: 1h', '  afterMatch: { skipToLast: a }', '  steps:',
      '    - begin: a', '      on: login', '      times: 2..', '      greedy: true', '      consecutive: true', '      until: declined',
      '    - followedBy: b', '      on: payment', '      where: amount > b.sum(amount) && ts > a.first.ts && a.count() > 2', '      times: 2..5', '      allowCombinations: true', '      within: 5m',
      '    - notFollowedBy: c', '    - next: d'].join('\n'));
    if (body.kind !== 'sequence') throw new Error(body.kind);
    const bare = (step: TypedStep) => ({ ...step, where: step.where && canonicalText(step.where), until: step.until && canonicalText(step.until), span: 0 });
    const plain = { optional: false, greedy: false, where: undefined, until: undefined, span: 0, inner: 'relaxed' };
    expect(body.afterMatch).toEqual({ kind: 'skipToLast', step: 'a' });
    expect(body.steps.map(bare)).toEqual([
      { ...plain, name: 'a', contiguity: 'begin', on: ['login'], times: { from: 2, to: null }, greedy: true, inner: 'strict', until: 'declined' },
      { ...plain, name: 'b', contiguity: 'followedBy', on: ['payment'], times: { from: 2, to: 5 }, inner: 'combinations', withinMs: 300_000, where: '(((amount > b.sum(amount)) && (ts > a.first.ts)) && (a.count() > 2))' },
      { ...plain, name: 'c', contiguity: 'notFollowedBy', on: ['payment', 'login'], times: { from: 1, to: 1 } },
      { ...plain, name: 'd', contiguity: 'next', on: ['payment', 'login'], times: { from: 1, to: 1 } },
    ]);
  });
});

describe('tests of a rule', () => {
  it('have values by the declared types, from the source text', () => {
    const { tests } = rule('declined', 'tests:', '  - name: t', '    evaluation: arrival', '    start: 2026-01-05T00:00:00.500Z', '    lists: { }', '    models: { m: 0.5 }', '    events:',
      '      - { id: 007, at: 1m30s, account_id: 007, country: NO, amount: 1.10, declined: true, retries: 5, risk: 1e-3, opened: 2026-01-01T00:00:00Z, location: { lat: 0, lon: 90 }, device_id: null, currency: }',
      '      - { id: l, type: label, at: 2m, event_id: 1e3, fraud: null }', '    alerts: [{ event: 007, at: 1h }, l]');
    expect(tests).toHaveLength(1);
    expect(tests[0]).toMatchObject({
      name: 't', evaluation: 'arrival', models: { m: 0.5 },
      events: [
        { id: '007', type: 'payment', ts: 1_767_571_200_500 + 90_000, fields: { account_id: '007', country: 'NO', amount: '1.1', declined: true, retries: 5, risk: 0.001, opened: 1_767_225_600_000, device_id: 'null' } },
        { id: 'l', type: 'label', ts: 1_767_571_200_500 + 120_000, fields: { event_id: '1e3' } },
      ],
      alerts: [{ event: '007', atTs: 1_767_571_200_500 + 3_600_000 }, { event: 'l' }],
    });
    expect(tests[0]?.events[0]?.fields).not.toHaveProperty('currency');
    expect(tests[0]?.events[1]?.fields).not.toHaveProperty('fraud');
    const place = tests[0]?.events[0]?.fields['location'];
    expect(typeof place === 'object' ? [place.lat, place.lon, Math.round(place.y * 1e9)] : place).toEqual([0, 90, 1e9]);
  });

  it('have windows as expected alerts of a window rule', () => {
    const { tests } = compiled('rule: r\non: payment\nby: [account_id, amount]\nwindow: { tumble: 5m }\nhaving: count() > 1\ntests:\n  - name: t\n    events:\n      - { id: a, at: 0s }\n    alerts: [{ key: [c1, 1.50], end: 5m }]');
    expect(tests[0]?.alerts).toEqual([{ key: ['c1', '1.5'], endTs: 1_767_571_200_000 + 300_000 }]);
  });
});
