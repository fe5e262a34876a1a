import type { Alert, ContributingEvent, ExplainedNode, ExplainedValue, Explanation, FieldValue } from '@weir/contracts';
import { formatAmount, formatDecimal } from '../format/money';
import { formatCount } from '../format/number';
import { formatSpan } from '../format/time';

export type Outcome = 'yes' | 'no' | 'not known' | 'hidden' | 'value';

/**
 * What a condition came to. Kleene: a value that depends on an absent field is `not known`. `hidden` from who may not see a field
 * that it is made from, unless its truth is told all the same: then it comes as a bool.
 */
export function outcomeOf({ value }: ExplainedNode): Outcome {
  if (value.type === 'unknown') return 'not known';
  if (value.type === 'bool') return value.text === 'true' ? 'yes' : 'no';
  return value.hidden === true ? 'hidden' : 'value';
}

/** A value for people: decimals and whole numbers with thousands; `not known: device_id` when absent. */
export function valueText(value: ExplainedValue): string {
  if (value.type === 'unknown') return `not known${value.missing?.length ? `: ${value.missing.join(', ')}` : ''}`;
  if (value.type === 'decimal' || value.type === 'int' || value.type === 'fraction') return formatDecimal(value.text);
  if (value.type === 'bool') return value.text === 'true' ? 'yes' : 'no';
  return value.text;
}

/** Every node of a tree, itself first. */
export function nodesOf(node: ExplainedNode): readonly ExplainedNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesOf)];
}

/** Whether a name of the sentence (a field or `let`) is shown or read anywhere in the tree. */
export function mentions(node: ExplainedNode, name: string): boolean {
  return nodesOf(node).some((n) => n.let === name || n.text === name);
}

/** Windows that a tree looks at, through its `let`s too; indexes into `explanation.windows`, ascending. */
export function windowsOf(node: ExplainedNode, explanation: Explanation): readonly number[] {
  const found = new Set<number>();
  const seen = new Set<string>();
  const walk = (root: ExplainedNode): void => {
    for (const n of nodesOf(root)) {
      if (n.window !== undefined) found.add(n.window);
      if (n.let === undefined || seen.has(n.let)) continue;
      seen.add(n.let);
      const definition = explanation.lets.find((l) => l.name === n.let);
      if (definition) walk(definition.node);
    }
  };
  walk(node);
  return [...found].sort((a, b) => a - b);
}

/** Indexes of windows that lie over the same span and key, in the order of the first of each. */
export function windowGroups(explanation: Explanation): ReadonlyArray<readonly number[]> {
  const groups = new Map<string, number[]>();
  explanation.windows.forEach(({ afterTs, untilTs, key }, index) => {
    const place = JSON.stringify([afterTs, untilTs, key]);
    groups.set(place, [...(groups.get(place) ?? []), index]);
  });
  return [...groups.values()];
}

/** Windows behind a name of the sentence: those of the `let` of that name, else of the conditions that mention it. */
export function windowsOfName(name: string, explanation: Explanation): readonly number[] {
  const definition = explanation.lets.find((l) => l.name === name);
  return definition ? windowsOf(definition.node, explanation) : [];
}

const operatorWords: Readonly<Record<string, string>> = { '>': 'is over', '>=': 'is at least', '<': 'is under', '<=': 'is at most', '==': 'is', '!=': 'is not', in: 'is in' };

/** One condition in words: `amount 812.00 is over 200.00`; the source text where it is no comparison. */
export function conditionText(node: ExplainedNode): string {
  const c = node.comparison;
  if (!c) return node.text;
  const [left = node.text, right = ''] = sidesOf(node);
  return `${sideText(left, valueText(c.left))} ${operatorWords[c.operator] ?? c.operator} ${sideText(right, valueText(c.right))}`;
}

/** `amount 812.00` for a name, `refused * 5 (40)` for anything longer, the value alone for a literal. */
function sideText(source: string, value: string): string {
  if (source === '' || source === value || /^["'\d.-]/.test(source)) return value;
  return /^[\w.]+$/.test(source) ? `${source} ${value}` : `${source} (${value})`;
}

/** A margin with a true minus. */
export function marginText(margin: string | undefined): string {
  return margin === undefined ? '-' : margin.replace(/^-/, '\u2212').replace('x)', '×)');
}

/** Source text of the two sides of a comparison. */
function sidesOf(node: ExplainedNode): readonly [string | undefined, string | undefined] {
  const [left, right] = node.children ?? [];
  if (left || right) return [left?.text, right?.text];
  const operator = node.comparison?.operator ?? '';
  const at = node.text.indexOf(` ${operator} `);
  return at < 0 ? [undefined, undefined] : [node.text.slice(0, at), node.text.slice(at + operator.length + 2)];
}

/** The second line of an alert, made from the trace: `because amount 812.00 is over 200.00 and ...`; an absence at the end says how long nothing came. Empty without conditions. */
export function traceSentence(explanation: Explanation): string {
  const silent = explanation.steps?.at(-1);
  const parts = [...explanation.conditions.map(conditionText), ...(silent?.noneSeen ? [`no ${silent.name} came in ${formatSpan(silent.noneSeen.untilTs - silent.noneSeen.afterTs)}`] : [])];
  return parts.length === 0 ? '' : `because ${parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`}`;
}

export interface SentencePiece { readonly text: string; readonly name?: string }

/** Cuts the sentence at its linked values; parts that overlap or lie outside are passed over. */
export function sentencePieces(alert: Pick<Alert, 'reason' | 'reasonParts'>): readonly SentencePiece[] {
  const pieces: SentencePiece[] = [];
  let at = 0;
  for (const part of [...alert.reasonParts].sort((a, b) => a.start - b.start)) {
    if (part.start < at || part.end > alert.reason.length || part.end <= part.start) continue;
    if (part.start > at) pieces.push({ text: alert.reason.slice(at, part.start) });
    pieces.push({ text: alert.reason.slice(part.start, part.end), name: part.name });
    at = part.end;
  }
  if (at < alert.reason.length) pieces.push({ text: alert.reason.slice(at) });
  return pieces;
}

/** A contributing event with the windows it is in and the steps that took it; `counted` when any of them counted or took it. */
export interface EvidenceEvent { readonly event: ContributingEvent; readonly windows: readonly number[]; readonly steps: readonly number[]; readonly counted: boolean }

/** Events over all windows and steps of the explanation, each once, newest first. */
export function evidenceOf(explanation: Explanation): readonly EvidenceEvent[] {
  const bySeq = new Map<number, EvidenceEvent>();
  explanation.steps?.forEach((step, index) => {
    for (const event of step.events) bySeq.set(event.seq, { event, windows: [], steps: [...(bySeq.get(event.seq)?.steps ?? []), index], counted: true });
  });
  explanation.windows.forEach((shown, index) => {
    for (const event of shown.events) {
      const known = bySeq.get(event.seq);
      bySeq.set(event.seq, { event, windows: [...(known?.windows ?? []), index], steps: known?.steps ?? [], counted: (known?.counted ?? false) || event.counted });
    }
  });
  return [...bySeq.values()].sort((a, b) => b.event.ts - a.event.ts || b.event.seq - a.event.seq);
}

/** What the table of events holds besides the trigger: `the trigger and 6 counted of 7 in the windows`, `the trigger and 3 that steps took`. */
export function countedText(others: readonly EvidenceEvent[], hasTrigger: boolean, isSequence: boolean): string {
  const inWindows = others.filter((e) => e.steps.length === 0);
  const taken = others.length - inWindows.length;
  const counted = inWindows.filter((e) => e.counted).length;
  return [
    ...(hasTrigger ? ['the trigger'] : []), ...(isSequence && taken > 0 ? [`${formatCount(taken)} that steps took`] : []),
    ...(isSequence && inWindows.length === 0 ? [] : [`${formatCount(counted)} counted of ${formatCount(inWindows.length)} in the ${hasTrigger ? 'windows' : 'bucket'}`]),
  ].join(' and ');
}

const preferred = ['amount', 'currency', 'merchant_id', 'merchant', 'outcome', 'country', 'device_id', 'ip', 'beneficiary_id', 'channel', 'account_id', 'card_id', 'terminal_id', 'customer_id'];

/** At most `most` field names worth a column, without those of `except`: well-known ones first, then those that tell the events apart. */
export function eventFields(events: ReadonlyArray<{ readonly fields: Readonly<Record<string, FieldValue>> }>, most: number, except: readonly string[] = []): readonly string[] {
  const values = new Map<string, Set<string>>();
  for (const { fields } of events) for (const [name, value] of Object.entries(fields)) values.set(name, (values.get(name) ?? new Set()).add(fieldText(value)));
  const rank = (name: string): number => { const at = preferred.indexOf(name); return at >= 0 ? at : 100 - Math.min(50, values.get(name)?.size ?? 0); };
  return [...values.keys()].filter((name) => !except.includes(name)).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).slice(0, most);
}

/** The amount of an event as its currency writes it; `undefined` when it has none. */
export function amountText(fields: Readonly<Record<string, FieldValue>>): string | undefined {
  const { amount, currency } = fields;
  if (amount === undefined) return undefined;
  if (typeof amount === 'string' && typeof currency === 'string') return formatAmount({ amount, currency });
  return typeof amount === 'string' && /^-?\d+$/.test(amount) ? formatDecimal(amount, 2) : fieldText(amount);
}

/** A field's value as text; places as `52.5200, 13.4050`. */
export function fieldText(value: FieldValue | undefined): string {
  if (value === undefined) return '-';
  if (typeof value === 'object') return `${value.lat.toFixed(4)}, ${value.lon.toFixed(4)}`;
  if (typeof value === 'string' && /^-?\d+\.\d+$/.test(value)) return formatDecimal(value, 2);
  return String(value);
}
