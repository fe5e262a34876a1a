import type { LogEvent } from '@weir/contracts';

/** What a step asks of an event: its `merchant` is one of the letters, and perhaps something of an earlier step or of its own so far. */
export interface PlainStep {
  readonly kind: 'begin' | 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy';
  readonly letters: string;
  readonly asks?: { readonly what: 'more-than-last' | 'more-than-first' | 'at-least-two' | 'at-most-one'; readonly step: number } | undefined;
  readonly from: number;
  readonly to: number | null;
  readonly optional: boolean;
  readonly greedy: boolean;
  readonly inner: 'relaxed' | 'strict' | 'combinations';
  readonly withinMs?: number | undefined;
  readonly until?: string | undefined;
}
/** A sequence for the oracle; `withinMs` from the first event to the last, that length excluded. */
export interface PlainSequence { readonly steps: readonly PlainStep[]; readonly withinMs: number }

/** One event of a match: its place in the list, and the step that took it. */
interface Take { readonly at: number; readonly step: number }
/** A match as ids by step; `instant`: of the absence at its end. */
export interface PlainMatch { readonly taken: readonly { readonly step: number; readonly event: LogEvent }[]; readonly instant?: number | undefined }

const isNegative = ({ kind }: PlainStep): boolean => kind === 'notNext' || kind === 'notFollowedBy';
const letterOf = (event: LogEvent): string => String(event.fields['merchant']);
const amountOf = (event: LogEvent | undefined): number | undefined => (event === undefined ? undefined : Number(event.fields['amount']));

/**
 * All matches of a sequence by the definition (rule-language §4), found by trying every choice of events: the oracle of the
 * automaton. No state machine, no pruning: exponential, for a dozen events.
 *
 * @param events of one key, in the order in which the sequence takes them.
 */
export function matchesByDefinition({ steps, withinMs }: PlainSequence, events: readonly LogEvent[]): readonly PlainMatch[] {
  const at = (position: number): LogEvent => {
    const event = events[position];
    if (event === undefined) throw new RangeError(`no event ${position}`);
    return event;
  };
  const stepAt = (index: number): PlainStep => {
    const step = steps[index];
    if (step === undefined) throw new RangeError(`no step ${index}`);
    return step;
  };

  /** Is it an event that the step is about, for a match that has taken these? */
  function fits(index: number, position: number, taken: readonly Take[]): boolean {
    const { letters, asks } = stepAt(index);
    if (!letters.includes(letterOf(at(position)))) return false;
    if (asks === undefined) return true;
    const earlier = taken.filter(({ step }) => step === asks.step).map((take) => at(take.at));
    const own = amountOf(at(position)) ?? 0;
    const other = amountOf(asks.what === 'more-than-first' ? earlier[0] : earlier.at(-1));
    switch (asks.what) {
      case 'more-than-last': case 'more-than-first': return other !== undefined && own > other;
      case 'at-least-two': return earlier.length >= 2;
      case 'at-most-one': return earlier.length <= 1;
    }
  }
  const ends = (index: number, position: number): boolean => stepAt(index).until?.includes(letterOf(at(position))) === true;
  const isRepeated = ({ from, to }: PlainStep): boolean => from !== 1 || to !== 1;

  /** Positions after the last taken event and before `until` that exist for the match. */
  const between = (taken: readonly Take[], until: number): readonly number[] => {
    const last = taken.at(-1);
    if (last === undefined) return [];
    return Array.from({ length: until - last.at - 1 }, (_, i) => last.at + 1 + i).filter((position) => at(position).ts >= at(last.at).ts);
  };

  /** Does the event kill a match that has taken these? `isFirst`: it is the next event that exists after the last taken one. */
  function kills(position: number, taken: readonly Take[], isFirst: boolean): boolean {
    const last = taken.at(-1);
    if (last === undefined) return false;
    const step = stepAt(last.step);
    const count = taken.filter((take) => take.step === last.step).length;
    const isEnough = count >= step.from;
    for (let index = last.step + 1; index < steps.length; index += 1) {
      const negative = stepAt(index);
      if (!isNegative(negative)) {
        if (negative.optional) continue;
        return false;
      }
      const isInForce = negative.kind === 'notNext' ? isEnough && isFirst : isEnough || isRepeated(step);
      if (isInForce && fits(index, position, taken)) return true;
    }
    return false;
  }

  /** The next steps that may take an event: the last one again, and those after it up to the first that cannot be left out. */
  function nextSteps(taken: readonly Take[]): readonly number[] {
    const last = taken.at(-1);
    const found: number[] = [];
    let from = 0;
    if (last !== undefined) {
      const { from: least, to } = stepAt(last.step);
      const count = taken.filter(({ step }) => step === last.step).length;
      if (to === null || count < to) found.push(last.step);
      if (count < least) return found;
      from = last.step + 1;
    }
    for (let index = from; index < steps.length; index += 1) {
      if (isNegative(stepAt(index))) continue;
      found.push(index);
      if (!stepAt(index).optional) break;
    }
    return found;
  }

  function mayTake(taken: readonly Take[], index: number, position: number): boolean {
    const step = stepAt(index);
    const last = taken.at(-1);
    const event = at(position);
    const first = taken[0];
    if (last !== undefined && event.ts < at(last.at).ts) return false;
    if (first !== undefined && event.ts - at(first.at).ts >= withinMs) return false;
    if (last !== undefined && step.withinMs !== undefined && event.ts - at(last.at).ts >= step.withinMs) return false;
    if (!fits(index, position, taken) || ends(index, position)) return false;
    const isAgain = last?.step === index;
    const passed = between(taken, position);
    const contiguity = isAgain ? step.inner : step.kind === 'next' ? 'strict' : step.kind === 'followedByAny' ? 'combinations' : 'relaxed';
    if (passed.some((x) => !mayPass(x, taken, index, contiguity, isAgain))) return false;
    if (!isAgain && [...passed, position].some((x) => isGreedilyTaken(x, taken, index))) return false;
    return ![...passed, position].some((x, i) => kills(x, taken, i === 0));
  }

  function mayPass(position: number, taken: readonly Take[], index: number, contiguity: 'strict' | 'relaxed' | 'combinations', isAgain: boolean): boolean {
    if (contiguity === 'strict' || (isAgain && ends(index, position))) return false;
    return contiguity === 'combinations' || !fits(index, position, taken);
  }

  /** The step before is greedy: what fits it cannot be left to this one. */
  function isGreedilyTaken(position: number, taken: readonly Take[], index: number): boolean {
    if (taken.length === 0 && index === 0) return false;
    const before = steps.findLastIndex((step, at) => at < index && !isNegative(step));
    return before >= 0 && stepAt(before).greedy && fits(before, position, taken);
  }

  const matches: PlainMatch[] = [];
  const absence = steps.at(-1)?.kind === 'notFollowedBy' ? steps.length - 1 : undefined;

  function complete(taken: readonly Take[]): void {
    const last = taken.at(-1);
    const first = taken[0];
    if (last === undefined || first === undefined) return;
    const count = taken.filter(({ step }) => step === last.step).length;
    const rest = steps.slice(last.step + 1);
    if (count < stepAt(last.step).from || rest.some((step) => !isNegative(step) && !step.optional)) return;
    const events = taken.map(({ at: position, step }) => ({ step, event: at(position) }));
    if (absence === undefined) {
      matches.push({ taken: events });
      return;
    }
    const own = stepAt(absence).withinMs;
    const instant = Math.min(at(first.at).ts + withinMs, own === undefined ? Infinity : at(last.at).ts + own);
    matches.push({ taken: events, instant: killedBefore(taken, instant) ? undefined : instant });
  }

  /** A match with an absence at its end waits; killed by what comes before the instant. */
  function killedBefore(taken: readonly Take[], instant: number): boolean {
    const last = taken.at(-1);
    return between(taken, events.length).filter((x) => at(x).ts < instant).some((x, i) => kills(x, taken, i === 0) || (last !== undefined && stepAt(last.step).greedy && fits(last.step, x, taken)));
  }

  function extend(taken: readonly Take[]): void {
    for (let position = (taken.at(-1)?.at ?? -1) + 1; position < events.length; position += 1) {
      for (const step of nextSteps(taken)) {
        if (!mayTake(taken, step, position)) continue;
        const longer = [...taken, { at: position, step }];
        complete(longer);
        extend(longer);
      }
    }
  }
  extend([]);
  return matches;
}

/** Of the matches that end at one event the one of §4: events compared first to first, the later wins; then more in earlier steps. */
export function bestOf(matches: readonly PlainMatch[]): PlainMatch | undefined {
  const compare = (a: PlainMatch, b: PlainMatch): number => {
    for (let i = 0; i < Math.max(a.taken.length, b.taken.length); i += 1) {
      const [left, right] = [a.taken[i]?.event, b.taken[i]?.event];
      if (left === undefined || right === undefined) return 0;
      if (left !== right) return left.ts - right.ts || left.seq - right.seq;
    }
    for (let step = 0; step < 10; step += 1) {
      const more = a.taken.filter((one) => one.step === step).length - b.taken.filter((one) => one.step === step).length;
      if (more !== 0) return more;
    }
    return 0;
  };
  return matches.reduce<PlainMatch | undefined>((best, match) => (best === undefined || compare(match, best) > 0 ? match : best), undefined);
}
