import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileRule } from '../check/compile-rule.js';
import { testSchema } from '../testing/expect-diagnostics.js';
import { editableLiterals, replaceLiteral, replaceValue } from './edit-rule.js';

const text = [
  '# keep me', 'rule: r   # the name', 'on: payment', 'by: account_id', 'score:   80 # why 80',
  'let:', '  probes: last("10m").where(amount <= 5.00).count()   # probes', 'when: |-', '  # no comment here, an expression'.replace('#', '//'), '  amount > 200.00', '  && probes >= 3',
  "reason: 'it''s {amount}'", 'tests:', '  - name: t', '    events: [ { id: a, at: 0s, amount: 5.00 } ]   # 5.00', '    alerts: []', '',
].join('\n');

describe('replaceValue', () => {
  it('changes one value and no other byte', () => {
    expect(replaceValue(text, ['score'], '90')).toEqual({ ok: true, text: text.replace('score:   80 #', 'score:   90 #') });
  });
  it('keeps the style and indentation of a block scalar', () => {
    expect(replaceValue(text, ['when'], 'declined\n&& probes > 1')).toEqual({ ok: true, text: text.replace(/when: \|-\n[^]*?reason/, 'when: |-\n  declined\n  && probes > 1\nreason') });
  });
  it('keeps quotes and escapes inside them', () => {
    expect(replaceValue(text, ['reason'], "don't")).toEqual({ ok: true, text: text.replace("'it''s {amount}'", "'don''t'") });
  });
  it.each([['!has(device_id)', '"!has(device_id)"'], ['country == "a #b"', `'country == "a #b"'`], ['a ? b : c', '"a ? b : c"'], ['amount > 5.00', 'amount > 5.00'], ['last("1h").count() > 1', 'last("1h").count() > 1']])('quotes %s only when YAML needs it', (value, written) => {
    expect(replaceValue('rule: r\nwhen: declined # c\n', ['when'], value)).toEqual({ ok: true, text: `rule: r\nwhen: ${written} # c\n` });
  });
  it('reaches into lists and tells what is not there', () => {
    expect(replaceValue(text, ['tests', 0, 'events', 0, 'at'], '1m')).toEqual({ ok: true, text: text.replace('at: 0s', 'at: 1m') });
    expect(replaceValue(text, ['window'], 'x')).toEqual({ ok: false, reason: 'no-such-place' });
    expect(replaceValue(text, ['let'], 'x')).toEqual({ ok: false, reason: 'not-a-value' });
    expect(replaceValue('a: [', ['a'], 'x')).toEqual({ ok: false, reason: 'not-yaml' });
  });
  it('writes what the checker reads back, whatever the value', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'ab01 .:#"\'\\{}[]&*!|>%@`,-?='), minLength: 1, maxLength: 20 }), fc.constantFrom('plain', "'single'", '"double"'), (value, style) => {
      const edited = replaceValue(`rule: r\non: payment\ntitle: ${style} # c\nwhen: declined\n`, ['title'], value);
      if (!edited.ok) throw new Error(edited.reason);
      const { rule } = compileRule(edited.text, 'draft', { schema: testSchema() });
      expect(rule?.title).toBe(value.trim() === '' ? 'r' : value.trim());
      expect(edited.text.endsWith(' # c\nwhen: declined\n')).toBe(true);
    }));
  });
});

describe('replaceLiteral', () => {
  it('finds every literal of the expressions and none of the tests', () => {
    expect(editableLiterals(text).map(({ path, text: literal }) => [path.join('.'), literal])).toEqual([['let.probes', '"10m"'], ['let.probes', '5.00'], ['when', '200.00'], ['when', '3']]);
  });
  it('changes one literal and no other byte', () => {
    const literal = editableLiterals(text).find((one) => one.text === '5.00');
    if (literal === undefined) throw new Error('no literal');
    expect(replaceLiteral(text, literal, '7.50')).toEqual({ ok: true, text: text.replace('<= 5.00', '<= 7.50') });
  });
  it('escapes as the quotes around it need', () => {
    const quoted = 'rule: r\nwhen: "country == \\"GB\\"" # c\n';
    const [literal] = editableLiterals(quoted);
    if (literal === undefined) throw new Error('no literal');
    expect(replaceLiteral(quoted, literal, '"FR"')).toEqual({ ok: true, text: quoted.replace('GB', 'FR') });
  });
});
