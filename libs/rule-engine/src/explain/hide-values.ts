import type { Alert, ConditionVerdict, ContributingEvent, ExplainedNode, ExplainedStep, ExplainedValue, ExplainedWindow, Explanation, FieldValue, ReasonPart, RuleExplanation, TriggerEvent } from '@weir/contracts';
import { sourcesByWords } from './sources-by-words.js';

/** Whose values are hidden from somebody, and what is read in their place. */
export interface Hiding {
  hides(field: string): boolean;
  /** A hidden field's own value, such as its last four characters; default {@link hiddenText}. What is computed from it is never shown in part. */
  readonly shown?: ((field: string, value: string) => string) | undefined;
}

/** What stands for a hidden value. */
export const hiddenText = '••••';

/**
 * An alert for somebody who may not see some fields: their values, all values made from them (`from`), distances between such
 * values, and texts that hold one. That a condition was true stays: the alert says as much. Ids of alerts and events stay.
 */
export function hideInAlert(alert: Alert, hiding: Hiding): Alert {
  const hider = new Hider(hiding, alert);
  const { text: reason, parts: reasonParts } = hider.reason({ text: alert.reason, parts: alert.reasonParts });
  return {
    ...alert, reason, reasonParts, key: hider.key(alert.key),
    ...(alert.trigger === undefined ? {} : { trigger: hider.event(alert.trigger) }),
    ...(alert.explanation === undefined ? {} : { explanation: hider.explanation(alert.explanation, Infinity) }),
  };
}

/**
 * The same for what a rule made of an event. Of conditions it stays which were true up to the first that was not, for the outcome
 * says as much; what a later one, or a part of one, came to is hidden when it is made from a hidden field.
 */
export function hideInExplanation(explained: RuleExplanation, hiding: Hiding): RuleExplanation {
  const hider = new Hider(hiding, explained);
  const { event, key, verdict, sequence, windows } = explained;
  const reason = explained.reason === undefined ? undefined : hider.reason(explained.reason);
  return {
    ...explained, event: hider.event(event), key: hider.key(key), summary: hider.summary(explained, reason?.text),
    ...(reason === undefined ? {} : { reason }),
    ...(verdict === undefined ? {} : { verdict: hider.verdict(verdict) }),
    ...(windows === undefined ? {} : { windows: windows.map((window) => ({ ...window, verdict: hider.verdict(window.verdict) })) }),
    ...(sequence === undefined ? {} : { sequence: hider.sequence(sequence) }),
  };
}

/** A sentence of an alert, by the places of its values. A part that does not say what it is made from is what its name says. */
export function hideInReason(reason: NonNullable<RuleExplanation['reason']>, hiding: Hiding): NonNullable<RuleExplanation['reason']> {
  return new Hider(hiding, undefined).reason(reason);
}

class Hider {
  /** Texts of hidden fields' own values, and the field. */
  private readonly own = new Map<string, string>();
  /** Those that are looked for in texts: whoever is called `1` is not taken out of every number. */
  private readonly inTexts: readonly string[];

  constructor(private readonly hiding: Hiding, whole: unknown) {
    this.collect(whole);
    this.inTexts = [...this.own.keys()].filter((text) => text.length >= 4 && !/^-?\d{1,9}(\.\d+)?$/.test(text)).sort((a, b) => b.length - a.length);
  }

  explanation(explanation: Explanation, lastTold: number): Explanation {
    const { conditions, lets, windows, steps, ...rest } = explanation.traced === true ? explanation : sourcesByWords(explanation);
    return {
      ...rest,
      conditions: conditions.map((node, index) => this.node(node, index <= lastTold)),
      lets: lets.map(({ name, node }) => ({ name, node: this.node(node, false) })),
      windows: windows.map((window) => this.window(window)),
      ...(steps === undefined ? {} : { steps: steps.map((step) => this.step(step)) }),
    };
  }

  verdict({ explanation, comparisons, failed }: ConditionVerdict): ConditionVerdict {
    const lastTold = failed?.index ?? Infinity;
    return {
      explanation: this.explanation(explanation, lastTold),
      comparisons: comparisons.map(({ left, right, turn, holds, ...rest }) => {
        const isHidden = this.isHidden(left) || this.isHidden(right);
        const root = explanation.conditions[rest.condition];
        const isTold = !isHidden || (rest.condition <= lastTold && root?.text === rest.text);
        const shownHolds = !isTold ? undefined : isHidden ? root?.value.text === 'true' : holds;
        return { ...rest, left: this.value(left), right: this.value(right), ...(shownHolds === undefined ? {} : { holds: shownHolds }), ...(isHidden || turn === undefined ? {} : { turn }) };
      }),
      ...(failed === undefined ? {} : { failed: { ...failed, value: this.value(failed.value, true), node: this.node(failed.node, true), sentence: this.sentence(failed) } }),
    };
  }

  sequence(sequence: NonNullable<RuleExplanation['sequence']>): NonNullable<RuleExplanation['sequence']> {
    const { steps, next, completedBy, ended } = sequence;
    return {
      ...sequence,
      steps: steps.map((step) => this.step(step)),
      next: next.map((one) => ({ ...one, ...(one.verdict === undefined ? {} : { verdict: this.verdict(one.verdict) }) })),
      ...(completedBy === undefined ? {} : { completedBy: this.event(completedBy) }),
      ...(ended?.event === undefined ? {} : { ended: { ...ended, event: this.event(ended.event) } }),
    };
  }

  event<T extends ContributingEvent | TriggerEvent>(event: T): T {
    return { ...event, fields: Object.fromEntries(Object.entries(event.fields).map(([field, value]) => [field, this.field(field, value)])) };
  }

  key(key: Alert['key']): Alert['key'] { return key.map(({ field, value }) => ({ field, value: this.field(field, value) })); }

  reason({ text, parts }: NonNullable<RuleExplanation['reason']>): NonNullable<RuleExplanation['reason']> {
    const shown: ReasonPart[] = [];
    let hidden = '';
    let at = 0;
    for (const part of [...parts].sort((a, b) => a.start - b.start)) {
      hidden += this.text(text.slice(at, part.start));
      const start = hidden.length;
      hidden += this.partText(part, text.slice(part.start, part.end));
      shown.push({ ...part, start, end: hidden.length });
      at = part.end;
    }
    return { text: hidden + this.text(text.slice(at)), parts: shown };
  }

  /** The sentences in it are those of its verdicts and the reason: each is replaced as a whole. */
  summary({ summary, reason, verdict, windows = [], sequence }: RuleExplanation, hiddenReason: string | undefined): string {
    const verdicts = [verdict, ...windows.map((window) => window.verdict), ...(sequence?.next ?? []).map((one) => one.verdict)];
    const failures = verdicts.flatMap((one) => one?.failed ?? []);
    let text = reason === undefined || hiddenReason === undefined ? summary : summary.replace(reason.text, () => hiddenReason);
    for (const failed of failures) text = text.replaceAll(failed.sentence, () => this.sentence(failed));
    return this.text(text);
  }

  private sentence({ sentence, text, value }: NonNullable<ConditionVerdict['failed']>): string { return this.isHidden(value) ? `${text} is not true` : sentence; }

  private node(node: ExplainedNode, isTold: boolean): ExplainedNode {
    const { value, comparison, children, ...rest } = node;
    return { ...rest, value: this.value(value, isTold), ...(comparison === undefined ? {} : { comparison: this.comparison(comparison) }), ...(children === undefined ? {} : { children: children.map((child) => this.node(child, false)) }) };
  }

  private comparison({ operator, left, right, ...distance }: NonNullable<ExplainedNode['comparison']>): NonNullable<ExplainedNode['comparison']> {
    return { operator, left: this.value(left), right: this.value(right), ...(this.isHidden(left) || this.isHidden(right) ? {} : distance) };
  }

  /** Which events passed a `where` on a hidden field is hidden with how many they were. */
  private window(window: ExplainedWindow): ExplainedWindow {
    const hidesCounted = (window.countedFrom ?? []).some((field) => this.hiding.hides(field));
    const events = window.events.map((event) => ({ ...this.event(event), ...(hidesCounted ? { counted: false } : {}) }));
    return { ...window, key: this.key(window.key), value: this.value(window.value), ...(hidesCounted ? { counted: 0 } : {}), events };
  }

  private step<T extends ExplainedStep>(step: T): T { return { ...step, events: step.events.map((event) => this.event(event)) }; }

  /** @param isTold its truth is known anyway. */
  private value(value: ExplainedValue, isTold = false): ExplainedValue {
    // A literal stays as the rule has it: changed where it equals the value, it would say that it does.
    if (!this.isHidden(value)) return value.type === 'string' && value.from !== undefined ? { ...value, text: this.text(value.text) } : value;
    // Not true: whether false or unknown, the outcome does not say.
    if (isTold) return value.text === 'true' ? value : { type: 'bool', text: 'false', ...(value.from === undefined ? {} : { from: value.from }), hidden: true };
    const field = value.type === 'string' ? this.own.get(value.text) : undefined;
    return { type: 'string', text: field === undefined ? hiddenText : this.shown(field, value.text), ...(value.from === undefined ? {} : { from: value.from }), hidden: true };
  }

  private isHidden({ from = [] }: ExplainedValue): boolean { return from.some((field) => this.hiding.hides(field)); }

  private field(name: string, value: FieldValue): FieldValue {
    if (!this.hiding.hides(name)) return typeof value === 'string' ? this.text(value) : value;
    return typeof value === 'string' ? this.shown(name, value) : hiddenText;
  }

  private partText({ name, from }: ReasonPart, text: string): string {
    const plainName = name.slice(name.lastIndexOf('.') + 1); // `step.field`
    if (this.hiding.hides(plainName)) return text === '?' ? text : this.shown(plainName, text); // that it is absent is no secret
    return (from ?? []).some((field) => this.hiding.hides(field)) ? hiddenText : this.text(text);
  }

  private text(text: string): string { return this.inTexts.reduce((hidden, value) => hidden.replaceAll(value, () => this.shown(this.own.get(value) ?? '', value)), text); }

  private shown(field: string, value: string): string { return this.hiding.shown?.(field, value) ?? hiddenText; }

  private collect(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if ('fields' in value && typeof value.fields === 'object' && value.fields !== null) for (const [field, inner] of Object.entries(value.fields)) this.keep(field, inner);
    if ('field' in value && typeof value.field === 'string' && 'value' in value) this.keep(value.field, value.value);
    for (const inner of Object.values(value)) this.collect(inner);
  }

  private keep(field: string, value: unknown): void { if (this.hiding.hides(field) && typeof value !== 'object') this.own.set(String(value), field); }
}
