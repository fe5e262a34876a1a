import type { Alert, LogEntry, LogEvent } from '@weir/contracts';
import type { EngineDefinition, EngineRule, EngineStats, RestoreResult, RuleEngine } from '../engine.js';
import { buildAlert, buildWindowAlert } from '../explain/build-alert.js';
import { EventHistory } from './event-history.js';
import { fires, startEvaluation } from './evaluate.js';
import { countKeys } from './count-keys.js';
import { readSnapshot, writeSnapshot } from './snapshot.js';
import { closedWindows, evidenceForWindow, isWindowRule } from './window-rule.js';
import { byTimeAndSeq } from './window-span.js';

/** Thrown when a definition holds a rule of a kind that this engine does not evaluate. */
export class UnsupportedRuleError extends Error {
  constructor(readonly ruleId: string, readonly ruleKind: string) {
    super(`rule ${ruleId}: ${ruleKind} rules are not evaluated by this engine`);
    this.name = 'UnsupportedRuleError';
  }
}

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
 * Throws {@link UnsupportedRuleError} on sequences.
 */
export function createInterpreter(definition: EngineDefinition): RuleEngine {
  return interpret(definition, new EventHistory(), { seq: 0, maxTs: 0, waiting: [] });
}

/** The interpreter as it was when `snapshot()` gave these bytes; refused by name when they are damaged or of another rule set. */
export function restoreInterpreter(definition: EngineDefinition, bytes: Uint8Array): RestoreResult {
  const read = readSnapshot(definition, bytes);
  if (!read.ok) return read;
  const { seq, maxTs, events, changes, waiting } = read.state;
  return { ok: true, engine: interpret(definition, new EventHistory(events, changes), { seq, maxTs, waiting: [...waiting] }) };
}

function interpret(definition: EngineDefinition, history: EventHistory, progress: Progress): RuleEngine {
  const { options } = definition;
  const rules = inOrderOfId(definition.rules);
  const whenRules = rules.filter(({ rule }) => rule.body.kind === 'when');
  const windowRules = rules.filter(isWindowRule);
  // A session has no greatest length, so nothing is forgotten while a rule looks at sessions.
  const reachMs = windowRules.some(({ rule }) => rule.body.window.kind === 'session')
    ? Infinity
    : Math.max(options.retentionMs, ...rules.map(({ rule }) => rule.longestSpanMs)) + options.maxOutOfOrdernessMs + 1;

  function evaluateEvent(event: LogEvent, candidates: readonly EngineRule[]): readonly Alert[] {
    return candidates.filter(({ rule }) => isEvaluatedBy(event, rule)).flatMap((inForce) => {
      const evaluation = startEvaluation(inForce.rule, history.evidenceFor(event, options));
      return fires(evaluation) ? [buildAlert({ inForce, event, seq: progress.seq, options, evidence: () => evaluation.evidence })] : [];
    });
  }

  function watermark(): number { return progress.maxTs - options.maxOutOfOrdernessMs - 1; }

  /** What waited for the watermark to come this far: ends of windows first, then in watermark mode the events it has passed, in (ts, seq) order. */
  function release(before: number, now: number): readonly Alert[] {
    const passed = progress.waiting.filter((event) => event.ts <= now).sort(byTimeAndSeq);
    progress.waiting = progress.waiting.filter((event) => event.ts > now);
    return [...closeWindows(before, now), ...passed.flatMap((event) => evaluateEvent(event, whenRules))];
  }

  function closeWindows(before: number, now: number): readonly Alert[] {
    return closedWindows(windowRules, history, before, now).flatMap((window) => {
      const evidence = evidenceForWindow(window, options.retentionMs);
      const { inForce, start, end } = window;
      return fires(startEvaluation(inForce.rule, evidence)) ? [buildWindowAlert({ inForce, start, end, seq: progress.seq, options, evidence })] : [];
    });
  }

  /** Moves event time to `ts` if that is ahead. */
  function advance(ts: number): readonly Alert[] {
    const before = watermark();
    progress.maxTs = Math.max(progress.maxTs, ts);
    return release(before, watermark());
  }

  function applyEvent(event: LogEvent): readonly Alert[] {
    if (event.late === true) return evaluateEvent(event, whenRules.filter(({ rule }) => rule.isStateless));
    history.add(event);
    if (options.evaluation === 'arrival') return [...advance(event.ts), ...evaluateEvent(event, whenRules)];
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
    snapshot: () => writeSnapshot(definition, { seq: progress.seq, maxTs: progress.maxTs, events: history.allEvents, changes: history.allChanges, waiting: progress.waiting }),
    stats: (): EngineStats => ({
      seq: progress.seq,
      maxTs: progress.maxTs,
      keys: countKeys(rules, history.allEvents),
      windowEvents: history.allEvents.length,
      // Events as JSON are what a snapshot holds; an object in memory is larger, but this is the state.
      stateBytes: JSON.stringify(history.allEvents).length + JSON.stringify(history.allChanges).length,
    }),
  };
}

/** Alerts of one event come in this order. Ids are ASCII, so UTF-16 order is code point order. */
function inOrderOfId(rules: readonly EngineRule[]): readonly EngineRule[] {
  const unsupported = rules.find(({ rule }) => rule.body.kind === 'sequence');
  if (unsupported !== undefined) throw new UnsupportedRuleError(unsupported.rule.id, unsupported.rule.body.kind);
  return [...rules].sort((a, b) => (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0));
}

/** An event of another type, or one that lacks a `by` field, is not evaluated by the rule. */
export function isEvaluatedBy(event: LogEvent, rule: EngineRule['rule']): boolean {
  return rule.on.includes(event.type) && rule.by.every((name) => event.fields[name] !== undefined);
}
