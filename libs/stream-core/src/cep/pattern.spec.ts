import { describe, expect, it } from '@jest/globals';
import { checkPattern, type Pattern, type SingleStage, type Stage } from './pattern.js';

const stage = (name: string, more: Partial<SingleStage<number>> = {}): SingleStage<number> => ({ kind: 'stage', name, contiguity: name === 'a' ? 'begin' : 'followedBy', optional: false, ...more });
const pattern = (stages: readonly Stage<number>[], more: Partial<Pattern<number>> = {}): Pattern<number> => ({ stages, afterMatch: { kind: 'noSkip' }, ...more });
const loop = { from: 1, to: null, inner: 'relaxed', greedy: false } as const;

describe('a pattern is refused', () => {
  it.each<{ name: string; pattern: Pattern<number>; code: string }>([
    { name: 'without stages', pattern: pattern([]), code: 'empty' },
    { name: 'when it does not begin', pattern: pattern([stage('b')]), code: 'first-stage' },
    { name: 'with a name used twice', pattern: pattern([stage('a'), stage('b'), stage('b')]), code: 'duplicate-name' },
    { name: 'when a stage is repeated zero times', pattern: pattern([stage('a', { repetition: { ...loop, from: 0 } })]), code: 'bad-times' },
    { name: 'when the most is less than the least', pattern: pattern([stage('a', { repetition: { ...loop, from: 3, to: 2 } })]), code: 'bad-times' },
    { name: 'with until on a single event', pattern: pattern([stage('a', { until: () => true })]), code: 'until-without-loop' },
    { name: 'with an optional negation', pattern: pattern([stage('a'), stage('n', { contiguity: 'notFollowedBy', optional: true }), stage('b')]), code: 'optional-negation' },
    { name: 'with a repeated negation', pattern: pattern([stage('a'), stage('n', { contiguity: 'notNext', repetition: loop }), stage('b')]), code: 'repeated-negation' },
    { name: 'with a negation right after an optional stage', pattern: pattern([stage('a'), stage('o', { optional: true }), stage('n', { contiguity: 'notNext' }), stage('b')]), code: 'negation-after-optional' },
    { name: 'with an absence at the end and no limit', pattern: pattern([stage('a'), stage('n', { contiguity: 'notFollowedBy' })]), code: 'negation-last' },
    { name: 'when greedy combinations are asked for', pattern: pattern([stage('a', { repetition: { ...loop, inner: 'combinations', greedy: true } })]), code: 'greedy-combinations' },
    { name: 'when it skips to a stage it does not have', pattern: pattern([stage('a')], { afterMatch: { kind: 'skipToLast', stage: 'z', failIfMissing: false } }), code: 'skip-target' },
    { name: 'when the window between two events is longer than the whole', pattern: pattern([stage('a'), stage('b', { withinPreviousMs: 10 })], { withinMs: 5 }), code: 'inner-window-too-long' },
  ])('$name', ({ pattern: refused, code }) => {
    expect(checkPattern(refused).map((problem) => problem.code)).toContain(code);
  });

  it('and a right one is not', () => {
    expect(checkPattern(pattern([stage('a', { repetition: loop }), stage('n', { contiguity: 'notFollowedBy' }), stage('b')], { withinMs: 10 }))).toEqual([]);
  });
});
