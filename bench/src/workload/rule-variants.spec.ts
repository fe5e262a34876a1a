import { describe, expect, it } from '@jest/globals';
import { benchDefinition } from './definition.js';
import { manyRules, slowdown, slowedRules } from './rule-variants.js';
import { longestWindowMs } from './traffic-shape.js';

describe('variants of the rule pack', () => {
  it('are different rules, all accepted by the front end', () => {
    const { rules } = benchDefinition({}, manyRules(300));
    expect(new Set(rules.map(({ rule }) => rule.version)).size).toBe(300);
  });

  it('slow every span down alike', () => {
    const usual = benchDefinition().rules;
    const slowed = benchDefinition({ retentionMs: slowdown * longestWindowMs }, slowedRules()).rules;
    expect(slowed.map(({ rule }) => rule.longestSpanMs)).toEqual(usual.map(({ rule }) => rule.longestSpanMs * slowdown));
  });
});
