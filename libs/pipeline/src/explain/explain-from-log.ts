import type { LogSearch } from '@weir/connectors';
import type { LogEntry, LogEvent, RuleExplanation } from '@weir/contracts';
import { defaultEngineOptions, entriesNeeded, explainSpanMs, listsNeeded, RuleExplainer } from '@weir/rule-engine';
import type { EngineOptions, EntryNeed } from '@weir/rule-engine';
import type { TypedRule } from '@weir/rule-lang';
import type { LogReader } from '@weir/stream-core';
import { timeAt } from './time-at.js';

export type SearchedLog = LogReader & LogSearch;

export interface ExplainFromLog {
  readonly log: SearchedLog;
  readonly rule: TypedRule;
  readonly eventId: string;
  /** Where the event may lie, when somebody remembers ids; else the log is searched for it, the newest with this id. */
  readonly seqs?: readonly number[] | undefined;
  readonly engineOptions: Partial<EngineOptions>;
  /** Entries that may be looked at, at most. Default 100,000. */
  readonly maxEntries?: number | undefined;
  /** The log is a bounded input: its end decides what waits for time. Default false. */
  readonly isEnded?: boolean | undefined;
}

export type ExplainFromLogResult =
  | { readonly ok: true; readonly explanation: RuleExplanation }
  | { readonly ok: false; readonly reason: 'unknown-event' }
  /** The rule would have to look at more entries than allowed: its key is too busy, or it has none. */
  | { readonly ok: false; readonly reason: 'too-much'; readonly maxEntries: number };

export const defaultMaxExplainedEntries = 100_000;

/**
 * What a rule made of an event of the log. Read is what the rule can look at: from its longest span before the event (for list
 * changes from the beginning) to where it is decided; and of that, parsed is only what has the event's keys. So the cost is a
 * pass over the bytes of that span, about a quarter of a second for a million events, and the evaluation of one key.
 */
export async function explainFromLog({ log, rule, eventId, seqs, engineOptions, maxEntries = defaultMaxExplainedEntries, isEnded = false }: ExplainFromLog): Promise<ExplainFromLogResult> {
  const event = await findEvent(log, eventId, seqs);
  if (event === undefined) return { ok: false, reason: 'unknown-event' };
  const options = { ...defaultEngineOptions, ...engineOptions, historySince: await historySince(log) };
  const explainer = new RuleExplainer(rule, event, options);
  const afterTs = event.ts - explainSpanMs(rule, options);
  const fromSeq = afterTs > 0 ? Math.min(event.seq, await log.seqAfterTs(afterTs)) : log.firstSeq();
  let looked = 0;
  const isTooMuch = (count: number): boolean => (looked += count) > maxEntries;
  const lists = listsNeeded(rule).map((name) => `"list":${JSON.stringify(name)}`);
  if (lists.length > 0 && !explainer.isDecided) {
    for await (const { found } of log.search({ fromSeq: log.firstSeq(), toSeq: fromSeq - 1, texts: lists })) {
      if (isTooMuch(found.length)) return { ok: false, reason: 'too-much', maxEntries };
      for (const { entry } of found) if (entry.kind === 'list') explainer.apply(entry);
    }
  }
  const texts = [`"id":${JSON.stringify(event.id)}`, ...lists, ...entriesNeeded(rule, event).flatMap(textsOf)];
  if (!explainer.isDecided) {
    for await (const { found, throughSeq, maxTs } of log.search({ fromSeq, toSeq: Infinity, texts })) {
      if (isTooMuch(found.length)) return { ok: false, reason: 'too-much', maxEntries };
      for (const { entry, maxTsBefore } of found) {
        explainer.apply(timeAt(entry.seq - 1, maxTsBefore)); // of all that was left out
        explainer.apply(entry);
      }
      explainer.apply(timeAt(throughSeq, maxTs));
      if (explainer.isDecided) break;
    }
  }
  if (isEnded) explainer.end();
  return { ok: true, explanation: explainer.result() };
}

/** The newest event with an id; an id is unique for good, unless it came again after the memory of ids ended. */
export async function findEvent(log: SearchedLog, eventId: string, seqs: readonly number[] = []): Promise<LogEvent | undefined> {
  for (const seq of [...seqs].reverse()) {
    const entry = await log.get(seq);
    if (entry?.kind === 'event' && entry.id === eventId) return entry;
  }
  let newest: LogEvent | undefined;
  for await (const { found } of log.search({ fromSeq: log.firstSeq(), toSeq: Infinity, texts: [`"id":${JSON.stringify(eventId)}`] })) {
    for (const { entry } of found) if (entry.kind === 'event' && entry.id === eventId) newest = entry;
  }
  return newest;
}

/** As the values of one pair, or the type, stand in the JSON of a record: a superset of what is needed. */
function textsOf({ types, pairs }: EntryNeed): readonly string[] {
  // Places are objects of five numbers; any other value is one text.
  const pair = pairs.find(({ value }) => typeof value !== 'object');
  return pair === undefined ? types.map((type) => `"type":${JSON.stringify(type)}`) : [`${JSON.stringify(pair.field)}:${JSON.stringify(pair.value)}`];
}

/** First instant that the log shows: ts of its first event. */
async function historySince(log: LogReader): Promise<number> {
  for await (const entries of log.read(log.firstSeq())) {
    const first = entries.find((entry: LogEntry) => entry.kind === 'event');
    if (first !== undefined) return first.ts;
  }
  return 0;
}
