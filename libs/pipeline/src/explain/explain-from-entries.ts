import type { LogEntry, LogEvent, RuleExplanation } from '@weir/contracts';
import { entriesNeeded, isNeeded, RuleExplainer } from '@weir/rule-engine';
import type { EngineOptions, EntryNeed } from '@weir/rule-engine';
import type { TypedRule } from '@weir/rule-lang';
import { timeAt } from './time-at.js';

/** A question about an event of a bounded input. */
export interface ExplainFromEntries {
  /** A bounded input in seq order, as often as it is asked for: twice where `likely` is not given. */
  readonly entries: () => AsyncIterable<LogEntry>;
  readonly rule: TypedRule;
  readonly eventId: string;
  /**
   * The event as far as it is known before its place in time is: id, type and fields are looked at. Entries are then read once,
   * and only those kept that the rule may look at; without it they are read a first time to find the event.
   */
  readonly likely?: Pick<LogEvent, 'id' | 'type' | 'fields' | 'ts'> | undefined;
  readonly engineOptions: EngineOptions;
}

/** What a rule made of an event of a bounded input; undefined: there is no such event. Memory: what the rule may look at. */
export async function explainFromEntries({ entries, rule, eventId, likely, engineOptions }: ExplainFromEntries): Promise<RuleExplanation | undefined> {
  const event = likely === undefined ? await findFirst(entries(), eventId) : { kind: 'event' as const, seq: 0, ...likely };
  if (event === undefined) return undefined;
  const kept = new KeptEntries(entriesNeeded(rule, event));
  let explainer: RuleExplainer | undefined;
  let historySince: number | undefined;
  for await (const entry of entries()) {
    if (entry.kind === 'event') historySince ??= entry.ts;
    if (explainer === undefined && entry.kind === 'event' && entry.id === eventId) {
      explainer = new RuleExplainer(rule, entry, { ...engineOptions, historySince: historySince ?? 0 });
      for (const earlier of kept.entries) explainer.apply(earlier);
    }
    if (explainer === undefined) kept.add(entry);
    else if (explainer.isDecided) break;
    else explainer.apply(entry);
  }
  if (explainer === undefined) return undefined;
  explainer.end();
  return explainer.result();
}

async function findFirst(entries: AsyncIterable<LogEntry>, id: string): Promise<LogEvent | undefined> {
  for await (const entry of entries) if (entry.kind === 'event' && entry.id === id) return entry;
  return undefined;
}

/** The entries that may matter, each after the time that passed with those left out. */
class KeptEntries {
  readonly entries: LogEntry[] = [];
  private maxTs = 0;

  constructor(private readonly needs: readonly EntryNeed[]) {}

  add(entry: LogEntry): void {
    if (entry.kind !== 'event' || isNeeded(entry, this.needs)) this.entries.push(timeAt(entry.seq - 1, this.maxTs), entry);
    this.maxTs = Math.max(this.maxTs, entry.ts);
  }
}
