import type { LogEvent } from '@weir/contracts';
import { defaultEngineOptions } from '../engine.js';
import { isTrue } from '../interpret/aggregate.js';
import { evaluate, startEvaluation } from '../interpret/evaluate.js';
import { EventHistory } from '../interpret/event-history.js';
import { compileSequence, isSequence } from '../sequence/sequence-program.js';
import type { SequenceProgram } from '../sequence/sequence-program.js';
import { ruleOf } from './play-rule.js';

/** Holds the event that conditions are asked of. */
export interface EventAtHand { event?: LogEvent }

/** The program of a sequence whose conditions the interpreter judges. @param lines of the rule from `sequence:` on. @throws Error when the checker refuses them. */
export function judgedProgram(lines: string, at: EventAtHand): SequenceProgram {
  const rule = ruleOf(lines);
  if (!isSequence(rule)) throw new Error(`no sequence: ${lines}`);
  const history = new EventHistory();
  return compileSequence(rule, (expr) => (match) => {
    if (at.event === undefined) throw new Error('no event');
    return isTrue(evaluate(expr, { ...startEvaluation(rule, history.evidenceFor(at.event, defaultEngineOptions)), match }));
  });
}
