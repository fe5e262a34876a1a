import type { Alert, LogEvent } from '@weir/contracts';
import type { Room } from '@weir/stream-core';
import { hashSeedOf } from '../engine-seed.js';
import type { EngineOptions, EngineRule } from '../engine.js';
import { buildSequenceAlert, tellMatch } from '../explain/build-alert.js';
import type { Told } from '../explain/build-alert.js';
import type { Evaluation } from '../interpret/evaluate.js';
import type { TimedAlert } from '../interpret/timed-alert.js';
import { keySeparator, keyText } from '../interpret/value.js';
import type { PartedState } from './capture.js';
import type { KeyBytes } from './key-slots.js';
import type { CompleteMatch } from './key-matcher.js';
import { compileSequence, isSequence } from './sequence-program.js';
import type { CompileCondition, SequenceRule } from './sequence-program.js';
import { SequenceRunner } from './sequence-runner.js';
import type { SequenceState } from './sequence-runner.js';

/** What an engine brings: its evaluator. Both speak of the event that the engine is at. */
export interface SequenceEvaluator {
  /** Conditions of the rule's steps. */
  compile(rule: SequenceRule): CompileCondition;
  /** For reason and explanation of a match that has just taken its last event. */
  evaluation(rule: SequenceRule): Evaluation;
}

/** State of all sequence rules by rule id: plain data. */
export type SequencesState = Readonly<Record<string, SequenceState<Told>>>;

type SequenceInForce = EngineRule & { readonly rule: SequenceRule };
interface Running { readonly inForce: SequenceInForce; readonly runner: SequenceRunner<Told> }

/** All sequence rules of an engine: the same code under every evaluator. */
export class SequenceRules {
  private readonly running = new Map<string, Running>();
  private readonly inOrder: readonly Running[];
  /** The earliest deadline of all, or an instant before it; a column, for a number on its own would be a new object each time. */
  private readonly soonest = Float64Array.of(Infinity);

  /** @param room where matches lie, if they can. */
  constructor(rules: readonly EngineRule[], private readonly options: EngineOptions, evaluator: SequenceEvaluator, room?: Room) {
    const seed = hashSeedOf(options, rules);
    for (const { rule, mode } of rules) {
      if (!isSequence(rule)) continue;
      const runner = new SequenceRunner<Told>({
        program: compileSequence(rule, evaluator.compile(rule)),
        tell: (last, instant) => tellMatch(rule, last, instant, options, () => evaluator.evaluation(rule)),
        maxOpen: options.maxOpenMatches ?? defaultMaxOpenMatches,
      }, seed + this.running.size, room);
      this.running.set(rule.id, { inForce: { rule, mode }, runner });
    }
    this.inOrder = [...this.running.values()];
  }

  get isEmpty(): boolean { return this.running.size === 0; }
  get openMatches(): number { return this.sum(({ openMatches }) => openMatches); }
  /** Matches under way that were given up because a key had more than the bound. */
  get givenUp(): number { return this.sum(({ given }) => given); }
  get keyCount(): number { return this.sum(({ keyCount }) => keyCount); }

  /** Nothing ends by time before it. O(1): it is asked for each event. */
  get nextDeadline(): number { return this.soonest[0] as number; } // it has one number

  private findSoonest(): void {
    let soonest = Infinity;
    for (const { runner } of this.inOrder) soonest = Math.min(soonest, runner.nextDeadline);
    this.soonest[0] = soonest;
  }

  /** Slot of a key that has a match under way in the rule at a place; see {@link SequenceRunner.slotOf}. */
  slotOf(place: number, key: KeyBytes): number { return (this.inOrder[place] as Running).runner.slotOf(key); } // a place among the rules

  /**
   * Offers an event in time, which the engine is at, to a rule that it evaluates: of its types and with its key.
   * @param earliest no later event can be dated before this ts.
   */
  evaluate(ruleId: string, event: LogEvent, earliest: number, seq: number): readonly Alert[] {
    const running = this.running.get(ruleId);
    if (running === undefined) return [];
    const key = running.runner.bytesOf(keyTextsOf(running.inForce.rule, event).join(keySeparator));
    return this.offer(running, event, key, running.runner.slotOf(key), earliest, seq);
  }

  /** The same by the place of the rule among the sequences, where the engine has looked its key up. */
  evaluateAt(place: number, event: LogEvent, key: KeyBytes, slot: number, earliest: number, seq: number): readonly Alert[] {
    return this.offer(this.inOrder[place] as Running, event, key, slot, earliest, seq); // a place among the rules
  }

  private offer({ inForce, runner }: Running, event: LogEvent, key: KeyBytes, slot: number, earliest: number, seq: number): readonly Alert[] {
    const matches = runner.process(event, key, slot, earliest);
    if (runner.nextDeadline < this.nextDeadline) this.soonest[0] = runner.nextDeadline;
    return matches.length === 0 ? noAlerts : eachOnce(matches.map((match) => this.alertOf(inForce, match, seq)));
  }

  /** All events dated before `until` are in: what waited for an instant up to it. */
  advance(until: number, seq: number): readonly TimedAlert[] {
    let timed: TimedAlert[] | undefined;
    for (const { inForce, runner } of this.inOrder) {
      if (runner.nextDeadline > until) continue;
      for (const { at, match } of runner.advance(until)) {
        (timed ??= []).push({ instant: at, ruleId: inForce.rule.id, keyTexts: keyTextsOf(inForce.rule, match.last.event), alert: this.alertOf(inForce, match, seq) });
      }
    }
    this.findSoonest();
    return timed ?? noAlerts;
  }

  state(): SequencesState {
    return Object.fromEntries([...this.running].map(([id, { runner }]) => [id, runner.state()]));
  }

  /** The same in parts, for each rule, while the sequences go on. */
  capture(): readonly { readonly ruleId: string; readonly parts: PartedState<SequenceState<Told>> }[] {
    return [...this.running].map(([ruleId, { runner }]) => ({ ruleId, parts: runner.capture() }));
  }

  get ruleIds(): readonly string[] { return [...this.running.keys()]; }

  /** Forgets the matches of a rule. */
  clear(ruleId: string): void {
    this.running.get(ruleId)?.runner.clear();
    this.findSoonest();
  }

  /** False: the rule is no sequence in force, or the part was made by a program that runs it in another way. */
  fitsPart(ruleId: string, part: SequenceState<Told>): boolean { return this.running.get(ruleId)?.runner.fits(part) === true; }

  /** Takes a part of a rule's state in, beside those taken before. @throws RangeError when it does not belong to the rule. */
  restorePart(ruleId: string, part: SequenceState<Told>): void {
    this.running.get(ruleId)?.runner.restore(part);
    this.findSoonest();
  }

  /** False: the state was made by a program that runs these sequences in another way. */
  fits(state: SequencesState): boolean {
    return [...this.running].every(([id, { runner }]) => {
      const own = state[id];
      return own !== undefined && runner.fits(own);
    });
  }

  /** @throws RangeError when the state does not belong to these rules. */
  restore(state: SequencesState): void {
    for (const [id, { runner }] of this.running) {
      const own = state[id];
      if (own !== undefined) runner.restore(own);
    }
    this.findSoonest();
  }

  private alertOf(inForce: SequenceInForce, match: CompleteMatch<Told>, seq: number): Alert { return buildSequenceAlert(inForce, match, seq, this.options); }

  private sum(of: (runner: SequenceRunner<Told>) => number): number {
    let sum = 0;
    for (const { runner } of this.running.values()) sum += of(runner);
    return sum;
  }
}

/** Per key, where a rule needs every match under way. */
export const defaultMaxOpenMatches = 1_000;
const noAlerts: readonly never[] = [];

/** Two matches of the same events, parted among the steps in two ways, are one alert: its id is that of the events. */
function eachOnce(alerts: readonly Alert[]): readonly Alert[] {
  const seen = new Set<string>();
  return alerts.filter(({ alertId }) => !seen.has(alertId) && seen.add(alertId));
}

function keyTextsOf({ by }: SequenceRule, { fields }: LogEvent): readonly string[] {
  return by.flatMap((name) => {
    const value = fields[name];
    return value === undefined ? [] : [keyText(value)];
  });
}
