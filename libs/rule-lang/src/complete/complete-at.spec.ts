import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testSchema } from '../testing/expect-diagnostics.js';
import { completeAt } from './complete-at.js';

const context = { schema: testSchema(), lists: ['blocked', 'watched'], models: ['card-risk'] };
/** Completes at `|` in the text. */
const at = (text: string) => {
  const offset = text.indexOf('|');
  return completeAt(text.slice(0, offset) + text.slice(offset + 1), offset, context);
};
const labels = (text: string) => at(text).items.map(({ label }) => label);
const rule = (line: string) => `rule: r\non: payment\nby: account_id\nlet:\n  probes: last("10m").count()\n${line}\n`;
const sequence = (line: string) => `rule: r\non: [payment, login]\nsequence:\n  within: 1h\n  steps:\n    - begin: start\n      on: login\n    - followedBy: end\n      ${line}\n`;

describe('completeAt', () => {
  it('offers the keys of a rule that are not there yet', () => {
    const found = labels('rule: r\non: payment\n|');
    expect(found).toContain('when');
    expect(found).not.toContain('rule');
  });

  it.each([
    { name: 'event types after on', text: 'rule: r\non: |', has: ['payment', 'login'], hasNot: ['amount'] },
    { name: 'fields after by', text: 'rule: r\non: payment\nby: acc|', has: ['account_id', 'merchant_id'], hasNot: ['ip', 'payment', 'id', 'type', 'ts'] },
    { name: 'what a window may count by', text: rule('when: by(|'), has: ['account_id', 'id', 'type'], hasNot: ['ts', 'ip'] },
    { name: 'words of severity', text: rule('severity: |'), has: ['low', 'critical'], hasNot: ['amount'] },
    { name: 'fields, lets, spans and functions in an expression', text: rule('when: |'), has: ['amount', 'probes', 'last', 'has', 'previous', 'ts'], hasNot: ['ip', 'count'] },
    { name: 'the same while a word is typed', text: rule('when: amount > 5.00 && pro|'), has: ['probes', 'amount'], hasNot: [] },
    { name: 'parts of a window after its span', text: rule('when: last("10m").|'), has: ['count', 'sum', 'where', 'by'], hasNot: ['orValue', 'amount'] },
    { name: 'methods after an aggregate', text: rule('when: last("10m").sum(amount).|'), has: ['orValue'], hasNot: ['count', 'where'] },
    { name: 'methods after a field', text: rule('when: country.|'), has: ['startsWith', 'matches'], hasNot: ['count'] },
    { name: 'fields of the counted event inside where', text: rule('when: of(login).last("1h").where(ou|'), has: ['outcome', 'ip'], hasNot: ['amount', 'probes', 'last'] },
    { name: 'fields of the counted event inside an aggregate', text: rule('when: last("1h").where(declined).of(transfer).sum(|'), has: ['amount'], hasNot: ['declined', 'probes'] },
    { name: 'event types inside of', text: rule('when: of(payment, |'), has: ['label', 'login'], hasNot: ['amount'] },
    { name: 'spans in a span', text: rule('when: last("|'), has: ['10m', '30d'], hasNot: ['amount'] },
    { name: 'units and zones of since', text: rule('when: since("day", "|'), has: ['Europe/London'], hasNot: ['day'] },
    { name: 'names of lists', text: rule('when: merchant_id in list("|'), has: ['blocked', 'watched'], hasNot: ['amount'] },
    { name: 'names of models', text: rule('when: model("ca|'), has: ['card-risk'], hasNot: ['amount'] },
    { name: 'fields of the previous event', text: rule('when: ts - previous.|'), has: ['ts', 'amount'], hasNot: ['count', 'startsWith'] },
    { name: 'expressions of a let', text: 'rule: r\non: payment\nlet:\n  a: am|', has: ['amount', 'last'], hasNot: ['when'] },
    { name: 'expressions of a block scalar', text: rule('when: >-\n  declined\n  && am|'), has: ['amount'], hasNot: ['when'] },
    { name: 'keys of a sequence', text: 'rule: r\non: payment\nsequence:\n  |', has: ['within', 'steps'], hasNot: ['when'] },
    { name: 'contiguities at a new step', text: 'rule: r\non: payment\nsequence:\n  within: 1h\n  steps:\n    - be|', has: ['begin', 'followedBy'], hasNot: ['where'] },
    { name: 'keys of a step', text: sequence('|'), has: ['where', 'times'], hasNot: ['begin'] },
    { name: 'steps in the where of a step', text: sequence('where: |'), has: ['start', 'amount', 'ip'], hasNot: [] },
    { name: 'fields and aggregates of a step', text: sequence('where: start.|'), has: ['ip', 'count', 'first'], hasNot: ['amount'] },
    { name: 'fields of the first event of a step', text: sequence('where: start.first.|'), has: ['ip', 'ts'], hasNot: ['amount', 'count'] },
    { name: 'aggregates in having', text: 'rule: r\non: payment\nby: merchant_id\nwindow: { tumble: 5m }\nhaving: |', has: ['count', 'merchant_id'], hasNot: ['last', 'amount'] },
    { name: 'names in a reason', text: rule('reason: "{|'), has: ['amount', 'probes'], hasNot: ['last'] },
    { name: 'fields in the event of a test', text: rule('tests:\n  - name: t\n    events:\n      - { id: a, am|'), has: ['amount', 'at'], hasNot: ['last'] },
  ])('offers $name', ({ text, has, hasNot }) => {
    const found = labels(text);
    for (const label of has) expect(found).toContain(label);
    for (const label of hasNot) expect(found).not.toContain(label);
  });

  it('replaces the word before the cursor and tells what each item is', () => {
    const text = rule('when: amount > 5.00 && pro|');
    const { from, to, items } = at(text);
    expect([from, to]).toEqual([text.indexOf('pro|'), text.indexOf('|')]);
    expect(items.find(({ label }) => label === 'probes')).toEqual({ label: 'probes', kind: 'let', detail: 'last("10m").count()' });
    expect(items.find(({ label }) => label === 'amount')).toEqual({ label: 'amount', kind: 'field', detail: 'decimal, 2 decimals, required' });
  });

  it('answers any text at any place', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: -5, max: 250 }), (text, offset) => {
      const { from, to } = completeAt(text, offset, context);
      expect(from).toBeLessThanOrEqual(to);
      expect(to).toBeLessThanOrEqual(text.length);
    }), { numRuns: 200 });
  });
});
