import { describe, expect, it } from '@jest/globals';
import { diagnosticLines } from '../testing/expect-diagnostics.js';

const head = 'rule: r\non: payment\nby: account_id\n';
/** Where the finding about `amout` stands. */
const place = (text: string) => diagnosticLines(text).map((line) => line.split(' ').slice(0, 2).join(' '));

describe('the place of a finding', () => {
  it.each([
    { name: 'plain', when: 'when: declined && amout > 5.00', at: '4:19-24' },
    { name: 'plain over lines', when: 'when: declined\n  && amout > 5.00', at: '5:6-11' },
    { name: 'single quotes', when: "when: 'country == \"it''s\" && amout > 5.00'", at: '4:30-35' },
    { name: 'double quotes with escapes', when: 'when: "country == \\"\\u00e9\\x41\\" && amout > 5.00"', at: '4:37-42' },
    { name: 'double quotes over lines', when: 'when: "declined\n   &&   \\\n   amout > 5.00"', at: '6:4-9' },
    { name: 'a literal block', when: 'when: |\n    declined\n\n      && amout > 5.00\n', at: '7:10-15' },
    { name: 'a literal block with its indentation named', when: 'when: |2-\n    declined\n   && amout > 5.00\n', at: '6:7-12' },
    { name: 'a folded block', when: 'when: >-\n  declined\n  && amout\n  > 5.00\n', at: '6:6-11' },
    { name: 'a block with a comment behind its header', when: 'when: |- # why\n  amout > 5.00\n', at: '5:3-8' },
    { name: 'after characters of two units', when: 'when: country == "😀" && amout > 5.00', at: '4:26-31' },
  ])('is exact in $name', ({ when, at }) => {
    expect(place(head + when)).toEqual([`${at} unknown-field`]);
    expect(place(`${head}${when}`.replaceAll('\n', '\r\n'))).toEqual([`${at} unknown-field`]);
  });

  it('is exact in a list of maps in flow style', () => {
    expect(place('rule: r\non: payment\nsequence: { within: 1h, steps: [ { begin: a, where: amout > 5.00 }, { next: b } ] }')).toEqual(['3:53-58 unknown-field']);
  });

  it('is told for all errors of a file at once', () => {
    expect(diagnosticLines('rule: R\non: paymnt\nby: acount\nseverity: hgih\nlet:\n  a: amout\nwhen: !declned\nreason: "{cuntry}"\ntests:\n  - name: t\n    events: [ { id: a, at: 0s, amount: x } ]\n    alerts: [b]').map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '1:7-8 bad-name', '2:5-11 unknown-type', '3:5-11 unknown-field', '4:11-15 bad-value', '6:6-11 unknown-field', '7:7-15 yaml-tag', '8:11-17 unknown-field', '11:40-41 bad-test-value', '12:14-15 unknown-event',
    ]);
  });
});
