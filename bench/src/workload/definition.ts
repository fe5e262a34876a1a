import type { ListChange } from '@weir/contracts';
import { compileRule, parseSchema } from '@weir/rule-lang';
import type { EventSchema } from '@weir/rule-lang';
import { defaultEngineOptions } from '@weir/rule-engine';
import type { EngineDefinition, EngineOptions } from '@weir/rule-engine';
import { ruleTexts, schemaText, watchedMerchants } from './rule-pack.js';
import type { RuleText } from './rule-pack.js';
import { longestWindowMs } from './traffic-shape.js';
import type { TrafficShape } from './traffic-shape.js';

/** The order of the stream is the order of time, so nothing waits for stragglers; nothing looks back further than the longest window. */
const benchOptions: EngineOptions = { ...defaultEngineOptions, evidence: 'none', maxOutOfOrdernessMs: 0, retentionMs: longestWindowMs };

/** Rules compiled from their text, the pack when none are given. Throws when the front end refuses one. */
export function benchDefinition(options: Partial<EngineOptions> = {}, texts: readonly RuleText[] = ruleTexts()): EngineDefinition {
  const schema = benchSchema();
  const all = { ...benchOptions, ...options };
  const rules = texts.map(({ id, text }) => {
    const { rule, diagnostics } = compileRule(text, `${id}.yaml`, { schema, retentionMs: all.retentionMs });
    if (rule === undefined) throw new Error(`the benchmark's rule ${id} is refused: ${JSON.stringify(diagnostics)}`);
    return { rule, mode: 'live' as const };
  });
  return { schema, rules, options: all };
}

/** The named list of the pack as log entries; they lie before the first event. */
export function listEntries(shape: TrafficShape): readonly ListChange[] {
  return watchedMerchants().map((value, i) => ({ kind: 'list', seq: i + 1, ts: shape.startTs, list: 'watched-merchants', value, change: 'add' }));
}

function benchSchema(): EventSchema {
  const { schema, diagnostics } = parseSchema(schemaText, 'schema.yaml');
  if (schema === undefined) throw new Error(`the benchmark's schema is refused: ${JSON.stringify(diagnostics)}`);
  return schema;
}
