import { describe, expect, it } from '@jest/globals';
import type { WindowAggregate } from '@weir/rule-lang';
import fc from 'fast-check';
import type { EngineDefinition } from '../engine.js';
import { createInterpreter } from '../interpret/interpreter.js';
import { alertDifference, playAll } from './same-alerts.js';
import { arbWorkload } from './workload.js';

/** The definition with every window aggregate of its rules changed: an engine with a fault. */
function withWindows(definition: EngineDefinition, change: (window: WindowAggregate) => Partial<WindowAggregate>): EngineDefinition {
  const changed = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(changed);
    if (typeof node !== 'object' || node === null) return node;
    const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, changed(value)]));
    // the copy of a window node has the shape of one
    return copy['kind'] === 'window' && 'source' in copy ? { ...copy, ...change(copy as unknown as WindowAggregate) } : copy;
  };
  return { ...definition, rules: definition.rules.map((inForce) => ({ ...inForce, rule: changed(inForce.rule) as typeof inForce.rule })) };
}

const samples = fc.sample(arbWorkload(), { numRuns: 1_200, seed: 7 });

/** How many of 1,200 generated workloads (fixed seed, evidence off) tell the faulty engine from the right one. */
function detected(faulty: (definition: EngineDefinition) => EngineDefinition): number {
  return samples.filter(({ definition, entries }) => {
    const bare = { ...definition, options: { ...definition.options, evidence: 'none' } as const };
    return alertDifference(playAll(createInterpreter(bare), entries), playAll(createInterpreter(faulty(bare)), entries)) !== undefined;
  }).length;
}

describe('generated workloads tell a right engine from one', () => {
  it('whose windows are one ms too long', () => {
    expect(detected((definition) => withWindows(definition, ({ source }) => ('ms' in source.span ? { source: { ...source, span: { ...source.span, ms: source.span.ms + 1 } } } : {})))).toBeGreaterThan(2);
  });
  it('whose between takes its farther end', () => {
    expect(detected((definition) => withWindows(definition, ({ source }) => (source.span.kind === 'between' ? { source: { ...source, span: { ...source.span, fromMs: source.span.fromMs + 1 } } } : {})))).toBeGreaterThan(2);
  });
  it('that takes before for last', () => {
    expect(detected((definition) => withWindows(definition, ({ source }) => (source.span.kind === 'before' ? { source: { ...source, span: { kind: 'last', ms: source.span.ms } } } : {})))).toBeGreaterThan(10);
  });
  it('that forgets where', () => {
    expect(detected((definition) => withWindows(definition, () => ({ where: undefined })))).toBeGreaterThan(10);
  });
  it('that forgets the key', () => {
    expect(detected((definition) => withWindows(definition, ({ source }) => ({ source: { ...source, key: [] } })))).toBeGreaterThan(10);
  });
  it('that keeps one event too many for lastEvents', () => {
    expect(detected((definition) => withWindows(definition, ({ source }) => (source.span.kind === 'lastEvents' ? { source: { ...source, span: { ...source.span, count: source.span.count + 1 } } } : {})))).toBeGreaterThan(2);
  });
  it('that reads the day in UTC only', () => {
    expect(detected((definition) => withWindows(definition, ({ source }) => (source.span.kind === 'since' ? { source: { ...source, span: { ...source.span, zone: 'UTC' } } } : {})))).toBeGreaterThan(0);
  });
  it('that lets late events into its windows', () => {
    const found = samples.filter(({ definition }) => definition.options.evaluation === 'arrival').filter(({ definition, entries }) => {
      const intime = entries.map((entry) => (entry.kind === 'event' && entry.late === true ? { ...entry, late: undefined } : entry));
      const on = (log: typeof entries): readonly string[] => playAll(createInterpreter(definition), log).filter((alert) => alert.trigger?.late === false).map((alert) => alert.alertId);
      // exactOptionalPropertyTypes: an absent flag, not an undefined one
      return on(entries).join() !== on(JSON.parse(JSON.stringify(intime)) as typeof entries).join();
    });
    expect(found.length).toBeGreaterThan(10);
  });
});
