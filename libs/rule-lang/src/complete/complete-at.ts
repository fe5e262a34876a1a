import { contiguityKeys, ruleKeys, sequenceKeys, stepKeys, testKeys, windowKeys } from '../rule-file/rule-keys.js';
import type { EventSchema, FieldSpec } from '../schema/event-schema.js';
import { eventType } from '../schema/schema-lookup.js';
import { isBuiltInField } from '../source/reserved-words.js';
import { expressionPlace, type ExpressionPlace } from './expression-place.js';
import { type RuleOutline, ruleOutline } from './rule-outline.js';
import { aggregateMeanings, functionMeanings, methodMeanings, windowMeanings, type WordMeaning } from './word-meanings.js';

export interface CompletionContext {
  readonly schema: EventSchema;
  readonly lists?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
}
export interface Completion {
  readonly label: string;
  readonly kind: 'field' | 'type' | 'function' | 'aggregate' | 'span' | 'method' | 'let' | 'step' | 'list' | 'model' | 'key' | 'word';
  /** One line: type or meaning. */
  readonly detail: string;
  /** What replaces [from, to); the label when absent. */
  readonly insert?: string | undefined;
}
export interface Completions {
  /** Range of the text that a chosen item replaces. */
  readonly from: number;
  readonly to: number;
  /** Unfiltered, the likeliest kinds first: the editor narrows them by what is typed. */
  readonly items: readonly Completion[];
}

/**
 * What may stand at an offset of a rule file. Works on half-written text, never throws, needs no valid YAML. O(text).
 * @param offset UTF-16 offset of the cursor.
 */
export function completeAt(text: string, offset: number, context: CompletionContext): Completions {
  const at = Math.min(Math.max(Math.trunc(offset) || 0, 0), text.length);
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const before = text.slice(lineStart, at);
  const outline = ruleOutline(text);
  const path = pathAt(text, lineStart);
  const answer = itemsAt({ text, at, lineStart, before, path, outline, context });
  const typed = /[\w-]*$/.exec(before)?.[0] ?? '';
  const word = answer.isName ? (/\w*$/.exec(before)?.[0] ?? '') : typed;
  return { from: at - word.length, to: at, items: answer.items };
}

interface Place {
  readonly text: string;
  readonly at: number;
  readonly lineStart: number;
  readonly before: string;
  /** Keys around the line, outermost first. */
  readonly path: readonly string[];
  readonly outline: RuleOutline;
  readonly context: CompletionContext;
}
interface Answer { readonly items: readonly Completion[]; readonly isName: boolean }
const nothing: Answer = { items: [], isName: true };

const EXPRESSION_KEYS = new Set(['when', 'where', 'until', 'having']);
const SPANS = ['1m', '5m', '10m', '30m', '1h', '24h', '7d', '30d'];

function itemsAt(place: Place): Answer {
  const inBlock = blockKeyOf(place);
  if (inBlock !== undefined) return expressionAt(place, place.text.slice(inBlock.from, place.at));
  const value = /^(\s*(?:-\s+)?)([A-Za-z_]\w*)\s*:\s(.*)$/.exec(`${place.before}`);
  if (value === null) return keysAt(place);
  return valueAt(place, value[2] ?? '', value[3] ?? '');
}

/** The key whose block scalar (`|-`) the line belongs to, with the offset at which its text begins. */
function blockKeyOf({ text, lineStart, before }: Place): { readonly from: number } | undefined {
  const indent = /^\s*/.exec(before)?.[0].length ?? 0;
  for (let end = lineStart - 1; end > 0;) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(start, end);
    const lineIndent = /^\s*/.exec(line)?.[0].length ?? 0;
    if (line.trim() !== '' && lineIndent < Math.max(indent, 1)) {
      const isBlock = /^\s*(?:-\s+)?(?:\w+)\s*:\s*[|>][+-]?\d?\s*$/.test(line);
      if (isBlock) return { from: end + 1 };
      if (lineIndent === 0 || indent === 0) return undefined;
      return undefined;
    }
    end = start - 1;
  }
  return undefined;
}

/** Keys above the line with smaller indentation, outermost first. */
function pathAt(text: string, lineStart: number): readonly string[] {
  const path: string[] = [];
  const own = text.slice(lineStart).split('\n', 1)[0] ?? '';
  let indent = own.trim() === '' ? own.length : keyIndent(own);
  for (let end = lineStart - 1; end >= 0 && indent > 0;) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(start, end);
    const key = /^\s*(?:-\s+)?([A-Za-z_]\w*)\s*:/.exec(line);
    if (key !== null && keyIndent(line) < indent) {
      path.unshift(key[1] ?? '');
      indent = keyIndent(line);
      if (/^\s*-\s/.test(line)) path.splice(0, 1); // the first key of a list item is a sibling, not a parent
      if (/^\s*-\s/.test(line)) indent = /^\s*/.exec(line)?.[0].length ?? 0;
    }
    end = start - 1;
  }
  return path;
}

function keyIndent(line: string): number {
  return /^\s*(?:-\s+)?/.exec(line)?.[0].length ?? 0;
}

function keysAt({ before, path, text, lineStart, context, outline }: Place): Answer {
  if (/^\s*-?\s*\{/.test(before)) return { items: flowKeys(path, context.schema, outline), isName: true };
  const [top, second, third] = path;
  const isItem = /^\s*-\s/.test(before);
  if (top === undefined && /^\w*$/.test(before)) {
    const present = new Set(text.match(/^[a-z]+(?=:)/gm) ?? []);
    return { items: keyItems(ruleKeys).filter(({ label }) => !present.has(label)), isName: true };
  }
  if (top === 'on' || (isItem && path.at(-1) === 'on')) return { items: typeItems(context.schema), isName: true };
  if (top === 'by') return { items: ruleKeyItems(context.schema, outline.on), isName: true };
  if (top === 'sequence' && second === undefined) return { items: keyItems(sequenceKeys), isName: true };
  if (top === 'sequence' && second === 'steps' && third === undefined) return { items: keyItems(isItem ? contiguityKeys : stepKeys), isName: true };
  if (top === 'window' && second === undefined) return { items: keyItems(windowKeys), isName: true };
  if (top === 'tests' && second === undefined) return { items: keyItems(testKeys), isName: true };
  if (lineStart === 0 && path.length === 0) return { items: keyItems(ruleKeys), isName: true };
  return nothing;
}

function flowKeys(path: readonly string[], schema: EventSchema, outline: RuleOutline): readonly Completion[] {
  if (path.at(-1) === 'events') {
    return [{ label: 'id', kind: 'key', detail: 'name of the event in this test' }, { label: 'at', kind: 'key', detail: 'offset from the start, such as 10m' }, { label: 'type', kind: 'key', detail: 'event type' }, ...fieldItems(schema, outline.on.length > 0 ? outline.on : schema.types.map(({ name }) => name)).filter(({ label }) => !['id', 'type', 'ts'].includes(label))];
  }
  return [];
}

function valueAt(place: Place, key: string, typed: string): Answer {
  const { context, outline, path } = place;
  const words = (list: readonly string[], detail: string): Answer => ({ items: list.map((label) => ({ label, kind: 'word', detail })), isName: false });
  if (EXPRESSION_KEYS.has(key) || path.at(-1) === 'let') return expressionAt(place, typed.replace(/^["']/, ''));
  switch (key) {
    case 'on': return { items: typeItems(context.schema), isName: true };
    case 'by': return { items: ruleKeyItems(context.schema, outline.on), isName: true };
    case 'type': return { items: typeItems(context.schema), isName: true };
    case 'severity': return words(['low', 'medium', 'high', 'critical'], 'severity');
    case 'action': return words(['none', 'review', 'challenge', 'block'], 'action');
    case 'evaluation': return words(['arrival', 'watermark'], 'evaluation');
    case 'afterMatch': return words(['eachEnd', 'noSkip', 'skipToNext', 'skipPastLastEvent'], 'which matches become alerts');
    case 'within': case 'tumble': case 'gap': case 'size': case 'every': return words(SPANS, 'span');
    case 'optional': case 'greedy': case 'consecutive': case 'allowCombinations': return words(['true', 'false'], stepKeys[key]);
    case 'window': return { items: keyItems(windowKeys), isName: true };
    case 'reason': return /\{[^{}]*$/.test(typed) ? reasonAt(place, typed) : nothing;
    default: return nothing;
  }
}

function reasonAt({ context, outline }: Place, typed: string): Answer {
  const step = outline.steps.find(({ name }) => typed.endsWith(`{${name}.`) || new RegExp(`\\{${name}\\.\\w*$`).test(typed));
  if (step !== undefined) return { items: [{ label: 'count', kind: 'aggregate', detail: 'how many events the step took' }, ...fieldItems(context.schema, step.on.length > 0 ? step.on : outline.on)], isName: true };
  return { items: [...letItems(outline), ...stepItems(outline), ...fieldItems(context.schema, outline.isWindowRule ? [] : outline.on, outline.isWindowRule ? outline.by : undefined)], isName: true };
}

/** What may stand at the end of the expression text before the cursor. */
function expressionAt(place: Place, before: string): Answer {
  const found = expressionPlace(before);
  if (found.string !== undefined) return stringItems(place, found.string);
  if (found.after !== undefined) return afterDotItems(place, found.after);
  const { context, outline } = place;
  const [call] = found.calls;
  if (call?.name === 'of') return { items: typeItems(context.schema), isName: true };
  const counted = countedTypes(found, outline);
  if (call?.name === 'by') return { items: fieldItems(context.schema, counted ?? outline.on).filter(({ label }) => label !== 'ts'), isName: true };
  if (counted !== undefined) return { items: [...fieldItems(context.schema, counted), ...meaningItems(functionMeanings.filter(({ label }) => label !== 'model' && label !== 'first_seen'))], isName: true };
  const types = stepTypes(place) ?? outline.on;
  if (outline.isWindowRule) return { items: [...meaningItems(aggregateMeanings), ...letItems(outline), ...fieldItems(context.schema, outline.on, outline.by), ...meaningItems([...windowMeanings.filter(({ label }) => label === 'where'), ...functionMeanings])], isName: true };
  return { items: [...fieldItems(context.schema, types), ...letItems(outline), ...stepItems(outline), { label: 'previous', kind: 'word', detail: 'the event before this one', insert: 'previous.' }, ...meaningItems([...windowMeanings.filter(({ label }) => label !== 'where'), ...functionMeanings])], isName: true };
}

const INSIDE = new Set(['where', ...aggregateMeanings.map(({ label }) => label)]);

/** Types of the events that the innermost window counts, when the cursor is inside its `where` or aggregate. */
function countedTypes(found: ExpressionPlace, outline: RuleOutline): readonly string[] | undefined {
  const inside = found.calls.find(({ name }) => INSIDE.has(name) || name === 'by');
  return inside === undefined ? undefined : inside.types.length > 0 ? inside.types : outline.on;
}

/** The types of the step that the line belongs to. */
function stepTypes({ text, at, outline }: Place): readonly string[] | undefined {
  const head = [...text.slice(0, at).matchAll(/^\s*-\s*(?:begin|next|followedBy|followedByAny|notNext|notFollowedBy):\s*(\w+)/gm)].at(-1)?.[1];
  const step = outline.steps.find(({ name }) => name === head);
  return step === undefined || step.on.length === 0 ? undefined : step.on;
}

function stringItems({ context }: Place, { call, argument }: { readonly call: string; readonly argument: number }): Answer {
  const items = (list: readonly string[], kind: Completion['kind'], detail: string): Answer => ({ items: list.map((label) => ({ label, kind, detail })), isName: false });
  switch (call) {
    case 'last': case 'before': case 'between': case 'duration': case 'first_seen': return items(SPANS, 'word', 'span');
    case 'since': return argument === 0 ? items(['day', 'week', 'month', 'year'], 'word', 'since it began') : items(['UTC', 'Europe/London', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo'], 'word', 'time zone');
    case 'list': return items(context.lists ?? [], 'list', 'named list');
    case 'model': return items(context.models ?? [], 'model', 'model');
    default: return nothing;
  }
}

function afterDotItems({ context, outline }: Place, after: NonNullable<ExpressionPlace['after']>): Answer {
  if (after.kind === 'window') return { items: meaningItems([...aggregateMeanings, ...windowMeanings]), isName: true };
  if (after.kind === 'value') return { items: meaningItems(methodMeanings), isName: true };
  if (after.name === 'previous') return { items: fieldItems(context.schema, outline.on), isName: true };
  const step = outline.steps.find(({ name }) => name === after.name || `${name}.first` === after.name);
  if (step === undefined) return { items: meaningItems(methodMeanings), isName: true };
  const own = aggregateMeanings.filter(({ label }) => ['count', 'sum', 'avg', 'min', 'max'].includes(label));
  const first: Completion = { label: 'first', kind: 'word', detail: 'the first event that the step took', insert: 'first.' };
  const isFirst = after.name.endsWith('.first');
  return { items: [...fieldItems(context.schema, step.on.length > 0 ? step.on : outline.on), ...(isFirst ? [] : [first, ...meaningItems(own)])], isName: true };
}

function meaningItems(meanings: readonly WordMeaning[]): readonly Completion[] {
  return meanings.map(({ label, kind, detail, insert }) => ({ label, kind, detail, insert }));
}

function keyItems(keys: Readonly<Record<string, string>>): readonly Completion[] {
  return Object.entries(keys).map(([label, detail]) => ({ label, kind: 'key', detail, insert: `${label}: ` }));
}

function typeItems(schema: EventSchema): readonly Completion[] {
  return schema.types.map(({ name, fields }) => ({ label: name, kind: 'type', detail: `event with ${fields.slice(0, 4).map((field) => field.name).join(', ')}${fields.length > 4 ? ', ...' : ''}` }));
}

function letItems(outline: RuleOutline): readonly Completion[] {
  return outline.lets.map(({ name, text }) => ({ label: name, kind: 'let', detail: text.length > 60 ? `${text.slice(0, 57)}...` : text }));
}

function stepItems(outline: RuleOutline): readonly Completion[] {
  return outline.steps.filter(({ contiguity }) => !contiguity.startsWith('not')).map(({ name, contiguity }) => ({ label: name, kind: 'step', detail: `step, ${contiguity}`, insert: `${name}.` }));
}

/** Fields of the types with what they hold; `only` narrows them to some names. Built-in fields come last. */
function fieldItems(schema: EventSchema, types: readonly string[], only?: readonly string[]): readonly Completion[] {
  const items = new Map<string, Completion>();
  for (const name of types) for (const field of eventType(schema, name)?.fields ?? []) if (!items.has(field.name)) items.set(field.name, { label: field.name, kind: 'field', detail: fieldDetail(field, types.length > 1 ? name : undefined) });
  if (only !== undefined) return only.map((name) => items.get(name) ?? { label: name, kind: 'field', detail: 'key of the rule' });
  if (types.length > 0) for (const [label, detail] of [['ts', 'timestamp, when it happened'], ['id', 'string, unique for good'], ['type', 'string, the event type']] as const) items.set(label, { label, kind: 'field', detail });
  return [...items.values()];
}

/** What the key of a rule may be made of: fields of the schema. */
function ruleKeyItems(schema: EventSchema, types: readonly string[]): readonly Completion[] {
  return fieldItems(schema, types).filter(({ label }) => !isBuiltInField(label));
}

function fieldDetail(field: FieldSpec, type: string | undefined): string {
  const currency = field.currency === undefined ? '' : 'code' in field.currency ? ` ${field.currency.code}` : ` in ${field.currency.field}`;
  const scale = field.type === 'decimal' ? `, ${field.scale} decimals` : '';
  return `${field.type}${scale}${currency}${field.required ? ', required' : ''}${type === undefined ? '' : ` (${type})`}`;
}
