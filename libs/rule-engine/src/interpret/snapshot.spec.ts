import { describe, expect, it } from '@jest/globals';
import { definitionOf, logOf, ruleOf, testStart } from '../testing/play-rule.js';
import { createInterpreter, restoreInterpreter } from './interpreter.js';

const definition = definitionOf([ruleOf('when: last("10m").count() > 1')]);
function snapshot(): Uint8Array {
  const engine = createInterpreter(definition);
  logOf([{ id: 'a', at: 0, fields: { merchant: 'é\ud800' } }, { id: 'b', at: 1 }]).forEach((entry) => engine.apply(entry));
  return engine.snapshot();
}
const reasonOf = (bytes: Uint8Array, other = definition): string => {
  const result = restoreInterpreter(other, bytes);
  return result.ok ? 'ok' : result.reason;
};

describe('a snapshot of the interpreter', () => {
  it('is restored with its seq, its time and its events', () => {
    const result = restoreInterpreter(definition, snapshot());
    expect(result.ok && result.engine.stats()).toMatchObject({ seq: 2, maxTs: testStart + 1, windowEvents: 2, keys: 1 });
  });
  it('is refused by name when it is damaged, cut, foreign or of other rules', () => {
    const bytes = snapshot();
    expect(reasonOf(bytes.slice(0, bytes.length - 1))).toBe('damaged');
    expect(reasonOf(bytes.with(bytes.length - 5, 33))).toBe('damaged');
    expect(reasonOf(new Uint8Array())).toBe('not-a-snapshot');
    expect(reasonOf(new TextEncoder().encode('weir-interpreter 9 x y\n{}'))).toBe('other-version');
    expect(reasonOf(bytes, definitionOf([ruleOf('when: last("10m").count() > 2')]))).toBe('other-rule-set');
    expect(reasonOf(bytes, definitionOf([ruleOf('when: last("10m").count() > 1')], { maxOutOfOrdernessMs: 1 }))).toBe('other-rule-set');
  });
  it('is the same for rules whose meaning is the same', () => {
    expect(reasonOf(snapshot(), definitionOf([ruleOf('title: Another title\nwhen: (last("10m").count()) > 1 # the same')]))).toBe('ok');
  });
});

describe('the interpreter', () => {
  it('refuses entries out of seq order', () => {
    const engine = createInterpreter(definition);
    const [first] = logOf([{ id: 'a', at: 0 }]);
    if (first === undefined) throw new Error('no entry');
    engine.apply(first);
    expect(() => engine.apply(first)).toThrow(RangeError);
  });
  it('forgets events that no window can reach any more', () => {
    const engine = createInterpreter(definition);
    logOf([{ id: 'a', at: 0 }, { id: 'b', at: 1 }, { heartbeat: 401 * 86_400_000 }]).forEach((entry) => engine.apply(entry));
    expect(engine.stats()).toMatchObject({ windowEvents: 0, keys: 0 });
  });
});
