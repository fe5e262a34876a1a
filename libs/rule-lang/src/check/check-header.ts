import type { Action, Severity } from '@weir/contracts';
import { fieldMeanings, fieldNames } from '../schema/schema-lookup.js';
import type { EventSchema } from '../schema/event-schema.js';
import type { DiagnosticList } from '../source/diagnostic-list.js';
import { didYouMean } from '../source/did-you-mean.js';
import { isBuiltInField } from '../source/reserved-words.js';
import { entryOf, expectScalar, scalarsOf, wordOf } from '../source/yaml-shape.js';
import type { YamlMap, YamlScalar } from '../source/yaml-tree.js';
import { isKeyType } from './check-window.js';

/** What stands at the head of a rule file. Keys left out: title = id, severity medium, score 0, action none. */
export interface RuleHeader {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly owner: string;
  readonly on: readonly string[];
  readonly by: readonly string[];
  readonly severity: Severity;
  readonly score: number;
  readonly action: Action;
}

const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Reads all keys that are no expression. What is wrong is told and replaced by the default, so that the rest can be checked. */
export function checkHeader(map: YamlMap, file: string, schema: EventSchema, found: DiagnosticList): RuleHeader {
  const id = readId(map, file, found);
  const on = readOn(map, schema, found);
  return {
    id, on, by: readBy(map, on, schema, found),
    title: readText(map, 'title', found) ?? id,
    description: readText(map, 'description', found) ?? '',
    owner: readText(map, 'owner', found) ?? '',
    severity: readWord(map, 'severity', ['low', 'medium', 'high', 'critical'] as const, found) ?? 'medium',
    score: readScore(map, found),
    action: readWord(map, 'action', ['none', 'review', 'challenge', 'block'] as const, found) ?? 'none',
  };
}

function readId(map: YamlMap, file: string, found: DiagnosticList): string {
  const entry = entryOf(map, 'rule');
  if (entry === undefined) {
    found.error('missing-key', { start: map.start, end: map.start }, 'a rule has the key `rule`, its name');
    return '';
  }
  const scalar = expectScalar(entry.value, '`rule`', found);
  if (scalar === undefined) return '';
  if (!KEBAB.test(scalar.text) || scalar.text.length > 100) {
    const fix = scalar.text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 100);
    found.error('bad-name', scalar, `\`${scalar.text}\` cannot be the name of a rule`, { hint: 'small letters and digits, joined by `-`', ...(fix === '' ? {} : { fix }) });
  }
  const stem = /([^/\\]*)\.ya?ml$/.exec(file)?.[1];
  if (stem !== undefined && stem !== scalar.text) found.error('rule-file-name', scalar, `the rule is named \`${scalar.text}\` and its file \`${stem}\``, { hint: 'both are the same', fix: stem });
  return scalar.text;
}

function readOn(map: YamlMap, schema: EventSchema, found: DiagnosticList): readonly string[] {
  const entry = entryOf(map, 'on');
  if (entry === undefined) {
    found.error('missing-key', { start: map.start, end: map.start }, 'a rule has the key `on`, the event types that trigger it');
    return [];
  }
  const names = scalarsOf(entry.value, '`on`', found);
  if (names?.length === 0) found.error('bad-value', entry.value, '`on` names one event type at least');
  return eventTypes(names ?? [], schema, found);
}

/** The event types that the names mean; unknown and repeated ones are told, and a misspelt one stands for the nearest so that the rest can be checked. */
export function eventTypes(names: readonly YamlScalar[], schema: EventSchema, found: DiagnosticList): readonly string[] {
  const known = schema.types.map(({ name }) => name);
  const types: string[] = [];
  for (const scalar of names) {
    if (!known.includes(scalar.text)) {
      const advice = didYouMean(scalar.text, known);
      found.error('unknown-type', scalar, `there is no event type \`${scalar.text}\``, advice);
      if (advice.fix !== undefined && !types.includes(advice.fix)) types.push(advice.fix);
    } else if (types.includes(scalar.text)) found.error('duplicate-name', scalar, `the event type \`${scalar.text}\` is there twice`);
    else types.push(scalar.text);
  }
  return types;
}

function readBy(map: YamlMap, on: readonly string[], schema: EventSchema, found: DiagnosticList): readonly string[] {
  const entry = entryOf(map, 'by');
  const names = entry === undefined ? undefined : scalarsOf(entry.value, '`by`', found);
  const by: string[] = [];
  for (const scalar of names ?? []) {
    const [meaning, other] = fieldMeanings(schema, on, scalar.text);
    if (isBuiltInField(scalar.text)) found.error('built-in-key', scalar, `\`${scalar.text}\` is of every event and cannot be the key of a rule`, { hint: builtInHint(scalar.text) });
    else if (on.length === 0) by.push(scalar.text); // `on` is wrong, which was told: nothing can be said
    else if (meaning === undefined) found.error('unknown-field', scalar, `${on.map((type) => `\`${type}\``).join(' or ')} has no field \`${scalar.text}\``, didYouMean(scalar.text, fieldNames(schema, on).filter((name) => !isBuiltInField(name))));
    else if (other !== undefined) found.error('ambiguous-field', scalar, `\`${scalar.text}\` has several types in ${on.join(', ')}`);
    else if (!isKeyType(meaning.type)) found.error('bad-key', scalar, `\`${scalar.text}\` is of type ${meaning.type} and cannot be a key`);
    else if (by.includes(scalar.text)) found.error('duplicate-name', scalar, `the field \`${scalar.text}\` is there twice`);
    else by.push(scalar.text);
  }
  return by;
}

function builtInHint(name: string): string {
  switch (name) {
    case 'id': return 'no two events have one; a window may look an event up by it: `of(payment).by(id == payment_id)`';
    case 'type': return 'name the types in `on`; a window may tell them apart: `by(account_id, type)`';
    default: return 'the span of a window says how near events are, as in `last("1s")`';
  }
}

function readText(map: YamlMap, key: string, found: DiagnosticList): string | undefined {
  const entry = entryOf(map, key);
  const text = entry === undefined ? undefined : expectScalar(entry.value, `\`${key}\``, found)?.text.trim();
  return text === '' ? undefined : text;
}

function readWord<T extends string>(map: YamlMap, key: string, words: readonly T[], found: DiagnosticList): T | undefined {
  const entry = entryOf(map, key);
  return entry === undefined ? undefined : wordOf(entry.value, words, `\`${key}\``, found);
}

function readScore(map: YamlMap, found: DiagnosticList): number {
  const entry = entryOf(map, 'score');
  const scalar = entry === undefined ? undefined : expectScalar(entry.value, '`score`', found);
  if (scalar === undefined) return 0;
  if (/^\d{1,3}$/.test(scalar.text) && Number(scalar.text) <= 100) return Number(scalar.text);
  found.error('bad-value', scalar, `\`score\` is a whole number from 0 to 100, not \`${scalar.text}\``);
  return 0;
}
