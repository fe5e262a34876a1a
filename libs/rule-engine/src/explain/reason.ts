import type { Alert, RuleExplanation } from '@weir/contracts';
import { evaluate } from '../interpret/evaluate.js';
import type { Evaluation } from '../interpret/evaluate.js';
import { madeFrom } from './made-from.js';
import { printAs, printValue } from './print-value.js';

/** The sentence why a rule fired and where in it each value stands, with what it is made from. */
export type Reason = Pick<Alert, 'reason' | 'reasonParts'>;

/** The rule's `reason` with its values filled in, unknown ones as `?`; the title when it has none. */
export function reasonOf(evaluation: Evaluation): Reason {
  const { rule } = evaluation;
  if (rule.reason.length === 0) return { reason: rule.title, reasonParts: [] };
  const reasonParts: Reason['reasonParts'] = [];
  let reason = '';
  for (const part of rule.reason) {
    if (part.kind === 'text') {
      reason += part.text;
      continue;
    }
    const text = printValue(evaluate(part.expr, evaluation), printAs(part.expr, rule.lets));
    reasonParts.push({ start: reason.length, end: reason.length + text.length, name: part.name, from: [...madeFrom(part.expr, rule.lets)] });
    reason += text;
  }
  return { reason, reasonParts };
}

/** As an explanation carries it. */
export function toldReason({ reason, reasonParts }: Reason): NonNullable<RuleExplanation['reason']> { return { text: reason, parts: reasonParts }; }
