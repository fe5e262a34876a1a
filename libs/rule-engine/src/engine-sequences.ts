import type { LogEvent } from '@weir/contracts';
import { evidenceOf } from './engine-evidence.js';
import type { EngineState } from './engine-state.js';
import { startEvaluation } from './interpret/evaluate.js';
import type { StepEvents } from './interpret/evaluate.js';
import { SequenceRules } from './sequence/sequence-rules.js';

/**
 * The sequence rules over the engine's own evaluator: step conditions are closures over the current row and its windows.
 * @param candidateOf the event of the current row, while sequences look at it.
 */
export function sequencesOn(state: EngineState, candidateOf: () => LogEvent | undefined): SequenceRules {
  const { rules, options } = state.definition;
  let match: StepEvents | undefined;
  const matchAtHand = (): StepEvents => {
    if (match === undefined) throw new Error('steps are looked at for a match');
    return match;
  };
  return new SequenceRules(rules, options, {
    compile: (rule) => {
      const conditionOf = state.stepConditionsOf(rule, matchAtHand);
      return (expr) => {
        const holds = conditionOf(expr);
        return (view) => {
          match = view;
          return holds() === true;
        };
      };
    },
    evaluation: (rule) => {
      const event = candidateOf();
      if (event === undefined) throw new Error('a match takes its last event while the engine is at it');
      return startEvaluation(rule, evidenceOf(state, event));
    },
  }, state.memory);
}
