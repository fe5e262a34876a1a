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
export interface PackedRule { readonly rule: TypedRule; readonly pack: string }

type WindowRule = TypedRule & { readonly body: Extract<TypedRule['body'], { readonly kind: 'window' }> };
/** Events of one key of a window rule, in the order in which they came. */
interface KeyEvents { readonly times: number[]; readonly stories: (Story | undefined)[] }

/**
 * Counts what packs of rules catch, by story.
 *
 * An alert is right when its triggering event is part of a fraud, of whatever kind. The alert of a window rule has no
 * triggering event: it is right when at least half of the events of its key in the window are part of frauds, and then catches
 * each of these. A fraud is caught by a rule or pack when at least one right alert of it falls on one of its events: so
 * precision is a share of alerts, recall a share of frauds. A pack is asked for the frauds whose typology has its name; where
 * none has, for all of them.
 *
 * Memory: for each window rule 16 bytes an event with its key; otherwise what fired.
 */
export class PackTally {
  readonly #counts: ReadonlyMap<string, RuleCount>;
  readonly #windowed: readonly { readonly rule: WindowRule; readonly keys: Map<string, KeyEvents> }[];
  readonly #stories = new Map<string, Story>();
  #events = 0;
  #fraudEvents = 0;

  constructor(private readonly rules: readonly PackedRule[], private readonly storyOf: (eventId: string) => Story | undefined) {
    this.#counts = new Map(rules.map(({ rule }) => [rule.id, { alerts: 0, right: 0, caught: new Set(), wrongly: new Map(), honest: new Set() }]));
    this.#windowed = rules.flatMap(({ rule }) => (isWindowRule(rule) ? [{ rule, keys: new Map<string, KeyEvents>() }] : []));
  }

  /** Takes an event in, before the alerts that it sets off. */
  event(event: LogEvent): void {
    this.#events += 1;
    const story = this.storyOf(event.id);
    if (story !== undefined) {
      this.#stories.set(story.id, story);
      if (story.isFraud) this.#fraudEvents += 1;
    }
    for (const { rule, keys } of this.#windowed) {
      if (!rule.on.includes(event.type)) continue;
      const values = rule.by.map((field) => event.fields[field]);
      if (values.some((value) => value === undefined)) continue;
      const key = JSON.stringify(values);
      const events = keys.get(key) ?? { times: [], stories: [] };
      if (events.times.length === 0) keys.set(key, events);
      events.times.push(event.ts);
      events.stories.push(story);
    }
  }

  alert(alert: Alert): void {
    const count = this.#counts.get(alert.rule);
    if (count === undefined) return;
    const stories = alert.trigger === undefined ? this.#storiesInWindow(alert) : [this.storyOf(alert.trigger.id)];
    const known = [...new Set(stories)].filter((story) => story !== undefined);
    const isRight = 2 * stories.filter((story) => story?.isFraud === true).length >= Math.max(1, stories.length);
    count.alerts += 1;
    if (isRight) {
      count.right += 1;
      for (const story of known) if (story.isFraud) count.caught.add(story.id);
      return;
    }
    const [honest] = known.filter((story) => !story.isFraud);
    count.wrongly.set(honest?.kind ?? everyday, (count.wrongly.get(honest?.kind ?? everyday) ?? 0) + 1);
    for (const story of known) if (!story.isFraud) count.honest.add(story.id);
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

  /** What each event of a window alert was part of: undefined for everyday events. */
  #storiesInWindow(alert: Alert): readonly (Story | undefined)[] {
    const windowed = this.#windowed.find(({ rule }) => rule.id === alert.rule);
    const events = windowed?.keys.get(JSON.stringify(alert.key.map(({ value }) => value)));
    if (windowed === undefined || events === undefined) return [];
    const startTs = startOf(windowed.rule, alert.ts, events.times);
    return events.stories.filter((_, i) => {
      const ts = events.times[i] ?? 0;
      return startTs <= ts && ts < alert.ts;
    });
  }
}

interface RuleCount { alerts: number; right: number; readonly caught: Set<string>; readonly wrongly: Map<string, number>; readonly honest: Set<string> }

const everyday = 'everyday';

function isWindowRule(rule: TypedRule): rule is WindowRule { return rule.body.kind === 'window'; }

function share(part: number, whole: number): number | null { return whole === 0 ? null : part / whole; }

/** First instant of the window that ends at `endTs`; of a session, the ts of its first event. */
function startOf(rule: WindowRule, endTs: number, times: readonly number[]): number {
  const { window } = rule.body;
  if (window.kind !== 'session') return endTs - window.sizeMs;
  let startTs = endTs - window.gapMs;
  for (const ts of times.filter((each) => each <= startTs).sort((a, b) => b - a)) {
    if (startTs - ts >= window.gapMs) break;
    startTs = ts;
  }
  return startTs;
}
