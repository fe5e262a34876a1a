import { describe, expect, it } from '@jest/globals';
import type { AlertRow } from '@weir/contracts';
import { belongs, everything, filterParams, filterTerms, readFilter, views, writeFilter } from './queue-filter';

const row: AlertRow = {
  id: 'a', version: 1, rule: 'geo-hop', title: 'Geo hop', severity: 'high', score: 80, action: 'review', reason: '412 km in 9 minutes', subject: { field: 'account_id', token: 'tok', label: '4921' },
  ts: 1, receivedAt: 1, slaDueAt: 2, status: 'open', caseId: 'c', openOfSubject: 1,
};

describe('reading a filter', () => {
  it('means open alerts when nothing is said', () => { expect(readFilter('')).toEqual({ filter: everything, problems: [] }); });
  it('reads terms, lists and quoted words', () => {
    expect(readFilter('status:all severity:high,critical assignee:me "small payments" rule:geo-hop')).toEqual({
      filter: { status: 'all', severity: ['critical', 'high'], assignee: 'me', rule: 'geo-hop', text: 'small payments' }, problems: [],
    });
  });
  it('reports what it cannot read with its place and keeps the rest', () => {
    const { filter, problems } = readFilter('severity:loud amount:5 status:closed');
    expect(filter).toEqual({ status: 'closed', severity: [] });
    expect(problems.map((p) => [p.start, p.end])).toEqual([[0, 13], [14, 22]]);
    expect(problems[1]?.hint).toContain('no field "amount"');
  });
  it('says which fields exist when a comparison is written, instead of looking for it as words', () => {
    const { filter, problems } = readFilter('amount>=50 age>2h severity=high "a>=b"');
    expect(filter).toEqual({ ...everything, text: 'a>=b' });
    expect(problems.map((p) => p.hint)).toEqual([
      'comparisons are not supported. There is no field "amount". Fields: status, severity, rule, assignee, disposition, subject',
      'comparisons are not supported. There is no field "age". Fields: status, severity, rule, assignee, disposition, subject',
      'comparisons are not supported. severity is asked with a colon, as in severity:value',
    ]);
  });
  it('reads back what it writes, for each view and each chip taken away', () => {
    const full = readFilter('severity:low rule:x assignee:none disposition:duplicate subject:t "a b"').filter;
    for (const filter of [...views.map((v) => v.filter), full, ...filterTerms(full).map((t) => t.without)]) {
      expect(filterParams(readFilter(writeFilter(filter)).filter, 'priority')).toBe(filterParams(filter, 'priority'));
    }
  });
});

describe('belonging', () => {
  it.each([
    ['status:open', true], ['status:closed', false], ['status:all', true], ['severity:high', true], ['severity:low', false], ['rule:geo-hop', true], ['rule:x', false],
    ['assignee:none', true], ['assignee:me', false], ['subject:tok', true], ['subject:other', false], ['"KM in"', true], ['nowhere', false], ['disposition:duplicate', false],
  ])('%s: %s', (text, expected) => { expect(belongs(row, readFilter(text).filter, 'mira')).toBe(expected); });
  it('knows who me is', () => { expect(belongs({ ...row, assignee: 'mira' }, readFilter('assignee:me').filter, 'mira')).toBe(true); });
});
