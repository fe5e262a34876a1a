import type { LogEvent } from '@weir/contracts';
import type { TypedRule } from '@weir/rule-lang';
import type { EvidenceSource } from '../explain/evidence.js';
import type { EngineRule } from '../engine.js';
import type { EventHistory } from './event-history.js';
import { compareStrings } from './operate.js';
import { compareKeys } from './timed-alert.js';
import { keySeparator, keyText } from './value.js';

export type WindowRule = EngineRule & { readonly rule: TypedRule & { readonly body: Extract<TypedRule['body'], { kind: 'window' }> } };

export function isWindowRule(inForce: EngineRule): inForce is WindowRule { return inForce.rule.body.kind === 'window'; }

/** One window of a window rule for one key: [start, end), never empty. */
export interface RuleWindow {
  readonly inForce: WindowRule;
  readonly start: number;
  readonly end: number;
  /** Canonical texts of the key, in the order of the rule's `by`. */
  readonly keyTexts: readonly string[];
  /** In (ts, seq) order. */
  readonly events: readonly LogEvent[];
}

/**
 * The windows that end after one watermark and not after the next: no event of them can come any more (rule-language §5, §6).
 * @returns in order of instant, rule id, key.
 */
export function closedWindows(rules: readonly WindowRule[], history: EventHistory, watermarkBefore: number, watermark: number): readonly RuleWindow[] {
  return rules
    .flatMap((inForce) => [...eventsByKey(inForce.rule, history.allEvents).values()].flatMap((events) => windowsOf(inForce, events)))
    // every event before `end` is in once the watermark reaches end - 1
    .filter(({ end }) => end - 1 > watermarkBefore && end - 1 <= watermark)
    .sort((a, b) => a.end - b.end || compareStrings(a.inForce.rule.id, b.inForce.rule.id) || compareKeys(a.keyTexts, b.keyTexts) || a.start - b.start);
}

function eventsByKey(rule: TypedRule, events: readonly LogEvent[]): ReadonlyMap<string, readonly LogEvent[]> {
  const groups = new Map<string, LogEvent[]>();
  for (const event of events) {
    if (!rule.on.includes(event.type) || rule.by.some((name) => event.fields[name] === undefined)) continue;
    const key = keyTextsOf(rule, event).join(keySeparator);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]); else group.push(event);
  }
  return groups;
}
function keyTextsOf(rule: TypedRule, event: LogEvent): readonly string[] {
  return rule.by.flatMap((name) => {
    const value = event.fields[name];
    return value === undefined ? [] : [keyText(value)];
  });
}

/** @param events of one key, in (ts, seq) order. */
function windowsOf(inForce: WindowRule, events: readonly LogEvent[]): readonly RuleWindow[] {
  const { rule } = inForce;
  const { window } = rule.body;
  const [first] = events;
  if (first === undefined) return [];
  const keyTexts = keyTextsOf(rule, first);
  const spans = window.kind === 'session' ? sessions(events, window.gapMs) : aligned(events, window.sizeMs, window.kind === 'hop' ? window.everyMs : window.sizeMs);
  return spans.map(({ start, end }) => ({ inForce, start, end, keyTexts, events: events.filter((event) => event.ts >= start && event.ts < end) }));
}

interface Span { readonly start: number; readonly end: number }

/** All windows [k * every, k * every + size) that hold an event. */
function aligned(events: readonly LogEvent[], sizeMs: number, everyMs: number): readonly Span[] {
  const starts = new Set<number>();
  for (const { ts } of events) {
    const newest = Math.floor(ts / everyMs) * everyMs;
    for (let start = newest; start > ts - sizeMs; start -= everyMs) starts.add(start);
  }
  return [...starts].map((start) => ({ start, end: start + sizeMs }));
}

/** Events less than `gap` apart belong together; a session ends `gap` after its last event. */
function sessions(events: readonly LogEvent[], gapMs: number): readonly Span[] {
  const spans: { start: number; end: number }[] = [];
  for (const { ts } of events) {
    const open = spans.at(-1);
    if (open !== undefined && ts < open.end) open.end = ts + gapMs; else spans.push({ start: ts, end: ts + gapMs });
  }
  return spans;
}

/** What `having` may ask: the window's events, and the key as the fields of a stand-in event dated at the window's end. */
export function evidenceForWindow({ inForce, end, start, events }: RuleWindow, retentionMs: number): EvidenceSource {
  const { rule } = inForce;
  const [first] = events;
  const fields = Object.fromEntries(rule.by.flatMap((name) => {
    const value = first?.fields[name];
    return value === undefined ? [] : [[name, value]];
  }));
  return {
    event: { kind: 'event', seq: 1, ts: end, id: '', type: rule.on[0] ?? '', fields },
    retentionMs,
    ruleWindow: { afterTs: start - 1, untilTs: end - 1 },
    windowEvents: () => events,
    previousEvent: () => undefined,
    isListed: () => false,
    modelScore: () => undefined,
  };
}
