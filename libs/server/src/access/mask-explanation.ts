import { maskedValue } from '@weir/case-model';
import type { RuleExplanation } from '@weir/contracts';

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What a rule made of an event, without personal values: fields and keys by name, expressions that speak of a personal field
 * with the distances that would give it away, and every text that holds one of those values. Ids of alerts and events stay.
 *
 * @param personal names of the fields marked `pii`. A `let` that looks at one counts as one.
 */
export function maskExplanation(explanation: RuleExplanation, personal: ReadonlySet<string>): RuleExplanation {
  const names = withLets(explanation, personal);
  const speaksOf = speakingOf(names);
  const sentences: (readonly [string, string])[] = [];
  const values = new Set<string>();
  collect(explanation, names, speaksOf, values, sentences);
  const longestFirst = [...values].filter((value) => value.length >= 4).sort((a, b) => b.length - a.length);
  const maskText = (text: string): string => (values.has(text) ? maskedValue(text) : longestFirst.reduce((masked, value) => masked.replaceAll(value, maskedValue(value)), text));
  const visit = (value: unknown, name = ''): unknown => {
    if (typeof value === 'string') return name === 'id' || name === 'alertIds' ? value : maskText(value);
    if (Array.isArray(value)) return value.map((one) => visit(one, name));
    if (!isObject(value)) return value;
    if (name === 'fields') return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, personal.has(field) ? hidden(inner) : visit(inner)]));
    if (typeof value['field'] === 'string' && 'value' in value) return personal.has(value['field']) ? { ...value, value: hidden(value['value']) } : value;
    const isPersonal = typeof value['text'] === 'string' && speaksOf(value['text']);
    return Object.fromEntries(Object.entries(value).flatMap(([key, inner]): readonly [string, unknown][] => {
      if (isPersonal && (key === 'turn' || key === 'margin')) return [];
      if (isPersonal && key === 'comparison' && isObject(inner)) return [[key, visit(withoutDistance(inner), key)]];
      if (key === 'sentence' && isPersonal) return [[key, `${String(value['text'])} is not true`]];
      if (key === 'summary' && typeof inner === 'string') return [[key, maskText(sentences.reduce((text, [from, to]) => text.replaceAll(from, to), inner))]];
      return [[key, visit(inner, key)]];
    }));
  };
  return visit(explanation) as RuleExplanation; // as: texts change, and what may be absent goes
}

function hidden(value: unknown): unknown {
  if (typeof value === 'string') return maskedValue(value);
  if (typeof value === 'number') return 0;
  return typeof value === 'boolean' ? false : '••••';
}

/** Whether it holds stays: the alert says as much. */
function withoutDistance({ turn: _turn, margin: _margin, ...rest }: Json): Json { return rest; }

/** Does an expression's text name one of the fields or `let`s? */
function speakingOf(names: ReadonlySet<string>): (text: string) => boolean {
  return (text) => (text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []).some((word) => names.has(word));
}

/** An explanation's comparisons without the distances (`margin`, `turn`) that a threshold and a personal value make: together with the rule's text they give the value away. */
export function withoutPersonalDistances<T>(explanation: T, personal: ReadonlySet<string>): T {
  const speaksOf = speakingOf(withLets(explanation, personal));
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (!isObject(value)) return value;
    const isPersonal = typeof value['text'] === 'string' && speaksOf(value['text']);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, isPersonal && key === 'comparison' && isObject(inner) ? withoutDistance(inner) : visit(inner)]));
  };
  return visit(explanation) as T; // as: only keys that may be absent go
}

/** Personal fields and the `let`s that look at one, directly or through another. */
function withLets(explanation: unknown, personal: ReadonlySet<string>): ReadonlySet<string> {
  const names = new Set(personal);
  const lets = new Map<string, string>();
  walk(explanation, (value) => {
    if (typeof value['name'] === 'string' && isObject(value['node']) && typeof value['node']['text'] === 'string') lets.set(value['name'], value['node']['text']);
  });
  for (const [name, text] of lets) if ((text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []).some((word) => names.has(word))) names.add(name); // lets name earlier ones only
  return names;
}

function collect(explanation: RuleExplanation, names: ReadonlySet<string>, speaksOf: (text: string) => boolean, values: Set<string>, sentences: (readonly [string, string])[]): void {
  walk(explanation, (value) => {
    const { fields, field, text } = value;
    if (isObject(fields)) for (const [name, inner] of Object.entries(fields)) if (names.has(name) && !isObject(inner)) values.add(String(inner));
    if (typeof field === 'string' && names.has(field) && 'value' in value && !isObject(value['value'])) values.add(String(value['value']));
    if (typeof text !== 'string') return;
    // A value of its own: `previous.account_id`, `last("1h").latest(device_id)`, a `let` of one.
    const shown = value['value'];
    if (isObject(shown) && typeof shown['text'] === 'string' && shown['type'] !== 'bool' && shown['type'] !== 'unknown' && isValueOf(text, names)) values.add(shown['text']);
    if (typeof value['sentence'] === 'string' && speaksOf(text)) sentences.push([value['sentence'], `${text} is not true`]);
  });
}

function isValueOf(text: string, names: ReadonlySet<string>): boolean {
  const name = /^(?:[A-Za-z_][A-Za-z0-9_]*\.)*([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)?.[1] ?? /\.(?:first|latest|min|max|sum|avg)\(\s*([A-Za-z_][A-Za-z0-9_]*)\s*\)$/.exec(text)?.[1];
  return name !== undefined && names.has(name);
}

function walk(value: unknown, visit: (value: Json) => void): void {
  if (Array.isArray(value)) for (const one of value) walk(one, visit);
  if (!isObject(value)) return;
  visit(value);
  for (const inner of Object.values(value)) walk(inner, visit);
}
