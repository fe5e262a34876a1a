import type { LogEntry } from '@weir/contracts';
import { compileRule } from '@weir/rule-lang';
import type { EventSchema, TypedRule } from '@weir/rule-lang';
import fc from 'fast-check';
import { defaultEngineOptions } from '../engine.js';
import type { EngineDefinition, EngineOptions } from '../engine.js';
import { arbEntries } from './arbitrary-entries.js';
import { arbRuleText } from './arbitrary-rule-text.js';
import { arbSequenceText } from './arbitrary-sequence-text.js';
import { arbWindowText } from './arbitrary-window-text.js';
import { schemaText, workloadSchema } from './workload-schema.js';

/** Rules, options and a log to play them on: the same for every engine. */
export interface Workload {
  readonly schemaText: string;
  readonly schema: EventSchema;
  readonly ruleTexts: readonly string[];
  readonly definition: EngineDefinition;
  readonly entries: readonly LogEntry[];
}

/** The retention covers the year of `since`; `previous` and `lastEvents` are bounded by it too. */
const retentions = [367 * 86_400_000, 367 * 86_400_000 + 1] as const;

/** Refusals that chance may bring about: the generator cannot tell that a condition is constant, or that a number is too fine to be equal. */
const chanceRefusals: readonly string[] = ['unreachable', 'literal-too-fine'];

const textOfKind = { when: arbRuleText, sequence: arbSequenceText, window: arbWindowText } as const;

/** How large a generated workload may become, and of what kinds its rules are. */
export interface WorkloadBounds {
  readonly maxRules?: number;
  readonly maxEntries?: number;
  readonly evaluation?: EngineOptions['evaluation'];
  /** Kinds of rule; each of the rules is of one of them. Default: `when` only. */
  readonly kinds?: readonly (keyof typeof textOfKind)[];
}

/** Random schema, rules (through rule text and the front end), options and log. Needs retention >= one year in no other place. */
export function arbWorkload({ maxRules = 4, maxEntries = 60, evaluation, kinds = ['when'] }: WorkloadBounds = {}): fc.Arbitrary<Workload> {
  const scales = fc.record({ amount: fc.integer({ min: 1, max: 4 }), fee: fc.integer({ min: 1, max: 3 }) });
  const options = fc.record<EngineOptions>({
    evaluation: evaluation === undefined ? fc.constantFrom('arrival', 'watermark') : fc.constant(evaluation),
    maxOutOfOrdernessMs: fc.constantFrom(0, 1_000, 5_000, 60_000),
    retentionMs: fc.constantFrom(...retentions),
    evidence: fc.constantFrom('full', 'full', 'none'),
    maxContributing: fc.constantFrom(100, 100, 2),
    historySince: fc.constantFrom(0, 0, Date.parse('2026-01-01T00:00:00Z')),
    models: fc.constantFrom(undefined, {}, { risk: 0.93 }),
  });
  const texts = fc.integer({ min: 1, max: maxRules }).chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => {
    const id = `generated-${String.fromCharCode(97 + index)}`;
    return fc.oneof(...kinds.map((kind) => textOfKind[kind](id)));
  })));
  return fc.tuple(scales, options, texts).chain(([scale, engineOptions, ruleTexts]) =>
    arbEntries(scale, engineOptions.maxOutOfOrdernessMs, maxEntries).map((entries) => workloadOf(schemaText(scale), ruleTexts, { ...defaultEngineOptions, ...engineOptions }, entries)));
}

/** Throws when the front end refuses a rule for any reason but chance: see {@link chanceRefusals}. Rules refused by chance are left out. */
export function workloadOf(schemaSource: string, ruleTexts: readonly string[], options: EngineOptions, entries: readonly LogEntry[]): Workload {
  const schema = workloadSchema(schemaSource);
  const rules = ruleTexts.flatMap((text) => compiled(text, schema, options.retentionMs));
  return { schemaText: schemaSource, schema, ruleTexts, definition: { schema, options, rules: rules.map((rule, index) => ({ rule, mode: index === 1 ? 'shadow' : 'live' })) }, entries };
}

function compiled(text: string, schema: EventSchema, retentionMs: number): readonly TypedRule[] {
  const id = /^rule: (.*)$/m.exec(text)?.[1] ?? 'rule';
  const { rule, diagnostics } = compileRule(text, `${id}.yaml`, { schema, retentionMs });
  if (rule !== undefined) return [rule];
  const faults = diagnostics.filter((one) => one.severity === 'error' && !chanceRefusals.includes(one.code));
  if (faults.length > 0) throw new Error(`a generated rule is refused: ${JSON.stringify(faults, undefined, 1)}\n${text}`);
  return [];
}
