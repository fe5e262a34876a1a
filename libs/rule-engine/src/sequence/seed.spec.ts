import { describe, expect, it } from '@jest/globals';
import { createEngine, restoreEngine } from '../engine-embedded.js';
import { definitionOf, logOf, ruleOf } from '../testing/play-rule.js';
import { seedState } from './seed.js';
import { compileSequence, isSequence } from './sequence-program.js';

function seeded(steps: string): boolean {
  const rule = ruleOf(`sequence:\n  within: 10m\n  steps:\n${steps}`);
  if (!isSequence(rule)) throw new Error('not a sequence');
  return seedState(compileSequence(rule, () => () => true)) !== undefined;
}

const small = '    - begin: small\n      where: amount < 1.00\n';
const large = '    - followedBy: large\n      where: amount > 100.00\n';

describe('the first event of a match', () => {
  it.each([
    { name: 'is a seed where more events are needed', steps: small + large, isSeed: true },
    { name: 'is a seed of a repeated step', steps: `${small}      times: 3\n${large}`, isSeed: true },
    { name: 'is a seed before a negative step', steps: `${small}    - notFollowedBy: refused\n      where: declined\n${large}`, isSeed: true },
    { name: 'is none where it may be left out', steps: `${small}      optional: true\n${large}`, isSeed: false },
    { name: 'is none where it waits for an absence at once', steps: `${small}    - notFollowedBy: large\n      where: amount > 100.00`, isSeed: false },
    { name: 'is none where all that follows may be left out', steps: `${small}${large}      optional: true`, isSeed: false },
  ])('$name', ({ steps, isSeed }) => {
    expect(seeded(steps)).toBe(isSeed);
  });

  it('is counted, stored, restored and forgotten as a match under way', () => {
    const definition = definitionOf([ruleOf(`sequence:\n  within: 10m\n  steps:\n${small}${large}`)], { maxOutOfOrdernessMs: 0 });
    const [first, second, later] = logOf([{ id: 'a', at: 0, fields: { amount: '0.5' } }, { id: 'b', at: 599_999, fields: { amount: '200' } }, { heartbeat: 600_001 }]);
    if (first === undefined || second === undefined || later === undefined) throw new Error('three entries');
    const engine = createEngine(definition);
    engine.apply(first);
    expect(engine.stats().openMatches).toBe(1);
    const restored = restoreEngine(definition, engine.snapshot());
    if (!restored.ok) throw new Error(restored.message);
    expect(restored.engine.apply(second)).toEqual(engine.apply(second));
    const forgetful = createEngine(definition);
    forgetful.apply(first);
    forgetful.apply(later);
    expect(forgetful.stats().openMatches).toBe(0);
  });
});
