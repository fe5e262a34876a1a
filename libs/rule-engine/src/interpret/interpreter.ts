import type { Alert, LogEntry, LogEvent } from '@weir/contracts';
import type { EngineDefinition, EngineRule, EngineStats, RestoreResult, RuleEngine } from '../engine.js';
import { buildAlert, buildWindowAlert } from '../explain/build-alert.js';
import { SequenceRules } from '../sequence/sequence-rules.js';
import type { SequencesState } from '../sequence/sequence-rules.js';
import { isTrue } from './aggregate.js';
import { countKeys } from './count-keys.js';
import { evaluate, fires, startEvaluation } from './evaluate.js';
import type { Evaluation } from './evaluate.js';
import { EventHistory } from './event-history.js';
import { readSnapshot, writeSnapshot } from './snapshot.js';
import { inOrderOfInstant } from './timed-alert.js';
import type { TimedAlert } from './timed-alert.js';
import { closedWindows, evidenceForWindow, isWindowRule } from './window-rule.js';
import { byTimeAndSeq } from './window-span.js';

/** What the interpreter remembers between two entries, besides the events and list changes of its {@link EventHistory}. */
interface Progress {
  seq: number;
  /** Largest ts of the events and heartbeats applied; 0 before the first. */
  maxTs: number;
  /** Watermark mode: events in time that the watermark has not passed, in (ts, seq) order. */
  waiting: LogEvent[];
}

/**
 * The reference interpreter: rule-language read aloud, slow and obvious. It keeps all events that a window may still reach,
 * and for each event, rule and window scans them anew. The oracle of the compiled engine; never optimised.
 *
 * @param history entries before the first one applied, in seq order, none late: windows, `previous` and lists see them, no rule has
 *   been evaluated on them, so no sequence or window rule has anything under way.
 */
export function createInterpreter(definition: EngineDefinition, history: readonly LogEntry[] = []): RuleEngine {
  const events = history.filter((entry) => entry.kind === 'event');
  const changes = history.filter((entry) => entry.kind === 'list');
  const maxTs = history.reduce((latest, { kind, ts }) => (kind === 'event' || kind === 'heartbeat' ? Math.max(latest, ts) : latest), 0);
  const engine = interpret(definition, new EventHistory(events, changes), { seq: history.at(-1)?.seq ?? 0, maxTs, waiting: [] });
  if (engine === undefined) throw new Error('only what is restored can fail to fit');
  return engine;
}

/** The interpreter as it was when `snapshot()` gave these bytes; refused by name when they are damaged or of another rule set. */
export function restoreInterpreter(definition: EngineDefinition, bytes: Uint8Array): RestoreResult {
  const read = readSnapshot(definition, bytes);
  if (!read.ok) return read;
  const { seq, maxTs, events, changes, waiting, sequences } = read.state;
  const engine = interpret(definition, new EventHistory(events, changes), { seq, maxTs, waiting: [...waiting] }, sequences);
  return engine === undefined ? { ok: false, reason: 'other-version', message: 'the snapshot runs the sequences of these rules in another way' } : { ok: true, engine };
}

/** Undefined when the matches under way are of another program's automata. */
function interpret(definition: EngineDefinition, history: EventHistory, progress: Progress, matches?: SequencesState): RuleEngine | undefined {
  const { options } = definition;
  const rules = inOrderOfId(definition.rules);
  const eventRules = rules.filter(({ rule }) => rule.body.kind !== 'window');
  const windowRules = rules.filter(isWindowRule);
  // A session has no greatest length, so nothing is forgotten while a rule looks at sessions.
  const reachMs = windowRules.some(({ rule }) => rule.body.window.kind === 'session')
    ? Infinity
    : Math.max(options.retentionMs, ...rules.map(({ rule }) => rule.longestSpanMs)) + options.maxOutOfOrdernessMs + 1;

  /** The evaluation under way: sequences look at one candidate event for many matches. */
  let current: Evaluation | undefined;
  function currentEvaluation(): Evaluation {
    if (current === undefined) throw new Error('steps are looked at while an event is evaluated');
    return current;
  }
  const sequences = new SequenceRules(rules, options, {
    compile: () => (expr) => (match) => isTrue(evaluate(expr, { ...currentEvaluation(), match })),
    evaluation: currentEvaluation,
  });
  if (matches !== undefined) {
    if (!sequences.fits(matches)) return undefined;
    sequences.restore(matches);
  }

  function evaluateEvent(event: LogEvent, candidates: readonly EngineRule[]): readonly Alert[] {
    return candidates.filter(({ rule }) => isEvaluatedBy(event, rule)).flatMap((inForce) => {
      const evaluation = startEvaluation(inForce.rule, history.evidenceFor(event, options));
      if (inForce.rule.body.kind === 'sequence') {
        current = evaluation;
        return sequences.evaluate(inForce.rule.id, event, options.evaluation === 'arrival' ? watermark() + 1 : Infinity, progress.seq);
      }
      return fires(evaluation) ? [buildAlert({ inForce, event, seq: progress.seq, options, evidence: () => evaluation.evidence })] : [];
    });
  }

  function watermark(): number { return progress.maxTs - options.maxOutOfOrdernessMs - 1; }

  /**
   * What waited for the watermark to come this far: first absences and ends of windows, in order of instant, rule id, key; then
   * in watermark mode the events it has passed, in (ts, seq) order.
   */
  function release(before: number, now: number): readonly Alert[] {
    const passed = progress.waiting.filter((event) => event.ts <= now).sort(byTimeAndSeq);
    progress.waiting = progress.waiting.filter((event) => event.ts > now);
    const timed: TimedAlert[] = [...closeWindows(before, now)];
    const alerts = passed.flatMap((event) => {
      timed.push(...sequences.advance(event.ts, progress.seq)); // what ends at its instant does not see it
      return evaluateEvent(event, eventRules);
    });
    timed.push(...sequences.advance(now + 1, progress.seq));
    return [...inOrderOfInstant(timed), ...alerts];
  }

  function closeWindows(before: number, now: number): readonly TimedAlert[] {
    return closedWindows(windowRules, history, before, now).flatMap((window) => {
      const evidence = evidenceForWindow(window, options.retentionMs);
      const { inForce, start, end, keyTexts } = window;
      if (!fires(startEvaluation(inForce.rule, evidence))) return [];
      return [{ instant: end, ruleId: inForce.rule.id, keyTexts, alert: buildWindowAlert({ inForce, start, end, seq: progress.seq, options, evidence }) }];
    });
  }

  /** Moves event time to `ts` if that is ahead. */
  function advance(ts: number): readonly Alert[] {
    const before = watermark();
    progress.maxTs = Math.max(progress.maxTs, ts);
    return release(before, watermark());
  }

  function applyEvent(event: LogEvent): readonly Alert[] {
    if (event.late === true) return evaluateEvent(event, eventRules.filter(({ rule }) => rule.isStateless));
    history.add(event);
    if (options.evaluation === 'arrival') return [...advance(event.ts), ...evaluateEvent(event, eventRules)];
    progress.waiting.push(event);
    return advance(event.ts);
  }

  function applyEntry(entry: LogEntry): readonly Alert[] {
    switch (entry.kind) {
      case 'event': return applyEvent(entry);
      case 'list': history.change(entry); return [];
      case 'rules': return [];
      case 'heartbeat': return advance(entry.ts);
    }
  }

  return {
    apply(entry) {
      if (!(entry.seq > progress.seq)) throw new RangeError(`seq ${entry.seq} after ${progress.seq}: entries come in seq order`);
      progress.seq = entry.seq;
      const alerts = applyEntry(entry);
      history.dropUntil(progress.maxTs - reachMs);
      return alerts;
    },
    end: () => release(watermark(), Infinity),
    snapshot: () => writeSnapshot(definition, { seq: progress.seq, maxTs: progress.maxTs, events: history.allEvents, changes: history.allChanges, waiting: progress.waiting, sequences: sequences.state() }),
    stats: (): EngineStats => ({
      seq: progress.seq,
      maxTs: progress.maxTs,
      keys: countKeys(rules, history.allEvents),
      windowEvents: history.allEvents.length,
      // Events as JSON are what a snapshot holds; an object in memory is larger, but this is the state.
      stateBytes: JSON.stringify(history.allEvents).length + JSON.stringify(history.allChanges).length,
      openMatches: sequences.openMatches,
      givenUpMatches: sequences.givenUp,
    }),
  };
}

/** Alerts of one event come in this order. Ids are ASCII, so UTF-16 order is code point order. */
function inOrderOfId(rules: readonly EngineRule[]): readonly EngineRule[] {
  return [...rules].sort((a, b) => (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0));
}

/** An event of another type, or one that lacks a `by` field, is not evaluated by the rule. */
export function isEvaluatedBy(event: LogEvent, rule: EngineRule['rule']): boolean {
  return rule.on.includes(event.type) && rule.by.every((name) => event.fields[name] !== undefined);
}
