import type { Alert, BacktestPack, BacktestPackRule, BacktestStoryKind, BacktestStories, LogEvent } from '@weir/contracts';
import type { TypedRule } from '@weir/rule-lang';

/** What an event was part of: one fraud with all its events, or one honest story that looks like fraud. */
export interface Story {
  readonly id: string;
  /** The scenario: `bin-attack`, `rent-day`. */
  readonly kind: string;
  readonly isFraud: boolean;
  /** The pack that is meant to catch such frauds; absent: any pack. */
  readonly typology?: string | undefined;
}
/** A rule, and the pack that it is counted for. */
export interface PackedRule { readonly rule: TypedRule; readonly pack: string }

/**
 * Counts what packs of rules catch, by story. An alert is right when
 * - its rule is a `when` rule and its triggering event is part of a fraud, of whatever kind;
 * - its rule is a sequence and an event that the match took is (the owner's next payment may be what shows the copy of a card);
 * - its rule is a window and at least half of the events that one of its aggregates counted are.
 *
 * A right alert catches the frauds that these events are part of; so precision is a share of alerts, recall a share of
 * frauds. A pack is asked for the frauds whose typology has its name; where none has, for all of them.
 *
 * Sequences and windows are told from the alert's explanation: the run needs `evidence: 'full'`.
 */
export class PackTally {
  readonly #counts: ReadonlyMap<string, RuleCount>;
  readonly #stories = new Map<string, Story>();
  #events = 0;
  #fraudEvents = 0;

  constructor(private readonly rules: readonly PackedRule[], private readonly storyOf: (eventId: string) => Story | undefined) {
    this.#counts = new Map(rules.map(({ rule }) => [rule.id, { alerts: 0, right: 0, caught: new Set(), wrongly: new Map(), honest: new Set() }]));
  }

  /** Takes an event in, before the alerts that it sets off. */
  event(event: LogEvent): void {
    this.#events += 1;
    const story = this.storyOf(event.id);
    if (story !== undefined) {
      this.#stories.set(story.id, story);
      if (story.isFraud) this.#fraudEvents += 1;
    }
  }

  alert(alert: Alert): void {
    const count = this.#counts.get(alert.rule);
    if (count === undefined) return;
    count.alerts += 1;
    const told = this.#storiesBehind(alert);
    const frauds = told.filter((story) => story.isFraud);
    if (frauds.length > 0) {
      count.right += 1;
      for (const { id } of frauds) count.caught.add(id);
      return;
    }
    const [honest] = told;
    const kind = honest?.kind ?? everyday;
    count.wrongly.set(kind, (count.wrongly.get(kind) ?? 0) + 1);
    for (const { id } of told) count.honest.add(id);
  }

  /** The figures, in order of pack and rule; call it when all events and alerts are in. */
  report(): BacktestStories {
    const packs = [...new Set(this.rules.map(({ pack }) => pack))].sort();
    const reports = packs.map((pack) => this.#pack(pack));
    const frauds = [...this.#stories.values()].filter(({ isFraud }) => isFraud);
    const all = this.#counted(this.rules);
    return {
      events: this.#events, fraudEvents: this.#fraudEvents, alerts: all.alerts, truePositives: all.right, precision: share(all.right, all.alerts),
      frauds: frauds.length, caught: all.caught.size, recall: share(all.caught.size, frauds.length),
      packs: reports, kinds: this.#kinds(all),
    };
  }

  #pack(pack: string): BacktestPack {
    const own = this.rules.filter((each) => each.pack === pack);
    const wanted = this.#wantedBy(pack);
    const score = (rules: readonly PackedRule[]): Omit<BacktestPackRule, 'rule' | 'severity' | 'falsePositives'> => {
      const { alerts, right, caught } = this.#counted(rules);
      const found = [...wanted].filter((id) => caught.has(id)).length;
      return { alerts, perThousand: this.#events === 0 ? 0 : (1_000 * alerts) / this.#events, truePositives: right, precision: share(right, alerts), frauds: wanted.size, caught: found, recall: share(found, wanted.size) };
    };
    return {
      pack, ...score(own),
      rules: own.map(({ rule }) => ({ rule: rule.id, severity: rule.severity, ...score([{ rule, pack }]), falsePositives: this.#falsePositives(rule.id) })),
    };
  }

  /** Ids of the frauds that a pack is asked for. */
  #wantedBy(pack: string): ReadonlySet<string> {
    const frauds = [...this.#stories.values()].filter(({ isFraud }) => isFraud);
    const own = frauds.filter(({ typology }) => typology === pack);
    return new Set((own.length > 0 ? own : frauds).map(({ id }) => id));
  }

  #counted(rules: readonly PackedRule[]): { readonly alerts: number; readonly right: number; readonly caught: ReadonlySet<string>; readonly honest: ReadonlySet<string> } {
    const counts = rules.flatMap(({ rule }) => this.#counts.get(rule.id) ?? []);
    return {
      alerts: counts.reduce((sum, { alerts }) => sum + alerts, 0), right: counts.reduce((sum, { right }) => sum + right, 0),
      caught: new Set(counts.flatMap(({ caught }) => [...caught])), honest: new Set(counts.flatMap(({ honest }) => [...honest])),
    };
  }

  #falsePositives(rule: string): { kind: string; alerts: number }[] {
    const wrongly = [...(this.#counts.get(rule)?.wrongly ?? [])].map(([kind, alerts]) => ({ kind, alerts }));
    return wrongly.sort((a, b) => b.alerts - a.alerts || (a.kind < b.kind ? -1 : 1));
  }

  /** Of each kind of story: how many were told, how many had an alert of any pack. */
  #kinds(all: { readonly caught: ReadonlySet<string>; readonly honest: ReadonlySet<string> }): BacktestStoryKind[] {
    const kinds = new Map<string, { isFraud: boolean; typology: string | undefined; stories: number; alerted: number }>();
    for (const { id, kind, isFraud, typology } of this.#stories.values()) {
      const row = kinds.get(kind) ?? { isFraud, typology, stories: 0, alerted: 0 };
      kinds.set(kind, { ...row, stories: row.stories + 1, alerted: row.alerted + (all.caught.has(id) || all.honest.has(id) ? 1 : 0) });
    }
    return [...kinds].map(([kind, { isFraud, typology, stories, alerted }]) => ({ kind, fraud: isFraud, ...(typology === undefined ? {} : { typology }), stories, alerted }))
      .sort((a, b) => Number(b.fraud) - Number(a.fraud) || (`${a.typology ?? ''}/${a.kind}` < `${b.typology ?? ''}/${b.kind}` ? -1 : 1));
  }

  /** The stories that speak for the alert: of its events, those of frauds only where that makes it right. */
  #storiesBehind({ trigger, explanation }: Alert): readonly Story[] {
    if (trigger === undefined) return this.#storiesOfWindow(explanation);
    const ids = [trigger.id, ...(explanation?.steps ?? []).flatMap(({ events }) => events.map(({ id }) => id))];
    return ids.flatMap((id) => this.storyOf(id) ?? []);
  }

  #storiesOfWindow(explanation: Alert['explanation']): readonly Story[] {
    const counted = (explanation?.windows ?? []).map(({ events }) => events.filter((event) => event.counted).map(({ id }) => this.storyOf(id)));
    const fraudulent = counted.find((stories) => stories.length > 0 && 2 * stories.filter((story) => story?.isFraud === true).length >= stories.length);
    if (fraudulent !== undefined) return fraudulent.filter((story) => story !== undefined);
    return counted.flat().filter((story) => story !== undefined && !story.isFraud).filter((story) => story !== undefined);
  }
}

interface RuleCount { alerts: number; right: number; readonly caught: Set<string>; readonly wrongly: Map<string, number>; readonly honest: Set<string> }

const everyday = 'everyday';

function share(part: number, whole: number): number | null { return whole === 0 ? null : part / whole; }
