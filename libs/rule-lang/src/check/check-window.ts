import { fieldMeanings, fieldNames } from '../schema/schema-lookup.js';
import { didYouMean } from '../source/did-you-mean.js';
import { aggregateWords, spanWords, windowWords } from '../source/reserved-words.js';
import type { TextRange } from '../source/source-text.js';
import type { Syntax, SyntaxOf } from '../syntax/syntax-tree.js';
import { windowId } from './canonical-text.js';
import { checkBool } from './check-operator.js';
import { checkSpan, tellTooLong } from './check-span.js';
import { type Checking, hasArguments, literal, refuse, textArgument } from './checking.js';
import { noteField } from './rule-context.js';
import { isNumeric, typeWord } from './typed-types.js';
import type { AggregateFn, TypedExpr, ValueType, WindowAggregate, WindowSource, WindowSpan } from './typed-rule.js';

type Call = SyntaxOf<'call'>;
type KeyPair = WindowSource['key'][number];

/** Most windows of one rule (rule-language §9). */
const MOST_WINDOWS = 64;

export function isAggregate(name: string): name is AggregateFn {
  return aggregateWords.some((word) => word === name);
}

function isSpan(name: string): boolean {
  return spanWords.some((word) => word === name);
}

/**
 * A window over events: `[of(types).] [by(fields).] span [.where(condition)] .aggregate`, in a window rule's `having` only
 * `[where(condition).] aggregate`. What is left out comes from the rule.
 * @returns `no-window` when the call is something else (a function, a method, also a method on a window).
 */
export function checkWindow(at: Checking, tree: Call): TypedExpr | undefined | 'no-window' {
  const chain = chainOf(tree);
  const root = chain[0];
  if (root === undefined || !beginsWindow(at, root)) return 'no-window';
  const end = chain.findIndex((call) => isAggregate(call.name));
  if (end !== -1 && end < chain.length - 1) return 'no-window'; // a method on the value of a window
  if (at.scope.kind === 'counted' || at.scope.kind === 'taken') {
    return refuse(at, 'where-looks-outside', tree, 'a window cannot stand inside a window or an aggregate', { hint: 'name it in `let` and compare it outside' });
  }
  if (at.scope.kind === 'having') return checkHavingAggregate(at, tree, chain);
  const parts = sortParts(at, tree, chain);
  return parts === undefined ? undefined : checkParts(at, tree, parts);
}

/** The calls of `a().b().c()` from the left; empty when the chain does not begin with a call by name alone. */
function chainOf(tree: Call): readonly Call[] {
  const chain: Call[] = [];
  for (let call: Syntax | undefined = tree; call !== undefined; call = call.target) {
    if (call.kind !== 'call') return [];
    chain.unshift(call);
  }
  return chain;
}

function beginsWindow(at: Checking, root: Call): boolean {
  if (windowWords.some((word) => word === root.name)) return true;
  const isFunction = (root.name === 'min' || root.name === 'max') && root.args.length === 2;
  return at.scope.kind === 'having' && isAggregate(root.name) && !isFunction;
}

interface WindowParts {
  readonly of?: Call | undefined;
  readonly by?: Call | undefined;
  readonly span: Call;
  readonly where?: Call | undefined;
  readonly aggregate: Call & { readonly name: AggregateFn };
}

function sortParts(at: Checking, tree: Call, chain: readonly Call[]): WindowParts | undefined {
  const seen = new Map<string, Call>();
  let isGood = true;
  for (const call of chain) {
    const part = isSpan(call.name) ? 'span' : isAggregate(call.name) ? 'aggregate' : call.name;
    if (!['of', 'by', 'span', 'where', 'aggregate'].includes(part)) {
      refuse(at, 'unknown-function', call.nameRange, `\`${call.name}\` is no part of a window`, didYouMean(call.name, [...windowWords, ...aggregateWords]));
      isGood = false;
    } else if (seen.has(part)) {
      const hint = part === 'where' ? 'join the conditions with `&&`' : 'leave out one';
      refuse(at, 'twice-in-window', { start: call.nameRange.start, end: call.end }, part === 'span' ? 'a window has one span' : `a window has one \`${call.name}\``, { hint });
      isGood = false;
    } else seen.set(part, call);
  }
  if (!isGood) return undefined;
  const [span, aggregate] = [seen.get('span'), seen.get('aggregate')];
  if (aggregate === undefined || !isAggregate(aggregate.name)) return refuse(at, 'no-aggregate', tree, 'a window ends with an aggregate', { hint: `such as \`.count()\`; there are ${aggregateWords.join(', ')}` });
  if (span === undefined) return refuse(at, 'no-span', tree, 'the window has no span', { hint: `say which events: ${['last("10m")', 'before("30d")', 'between("14d", "7d")', 'since("day")', 'lastEvents(5)'].join(', ')}` });
  return { of: seen.get('of'), by: seen.get('by'), span, where: seen.get('where'), aggregate: { ...aggregate, name: aggregate.name } };
}

function checkParts(at: Checking, tree: Call, parts: WindowParts): TypedExpr | undefined {
  const { context } = at;
  if (parts.of === undefined && context.on.length > 1) {
    return refuse(at, 'of-missing', tree, 'the rule has several event types, so a window must say which it counts', { hint: `put \`of(${context.on.join(', ')}).\` or some of them before it` });
  }
  const types = parts.of === undefined ? [...context.on] : checkTypes(at, parts.of);
  const span = checkSpan(at, parts.span);
  const key = types === undefined ? undefined : checkKey(at, tree, parts.by, types);
  const rest = types === undefined ? undefined : checkCounted(at, parts, types);
  if (types === undefined || span === undefined || key === undefined || rest === undefined) return undefined;
  if (key.length === 0 && parts.by === undefined) {
    context.found.warn('no-key', at.text.range(tree), 'the rule has no `by`, so this window counts the events of everyone together', { hint: 'add `by` to the rule or the window; `by()` says that it is meant' });
  }
  return windowNode(at, tree, { types: [...types].sort(), key, span }, rest);
}

interface Counted { readonly where?: TypedExpr | undefined; readonly fn: AggregateFn; readonly argument?: TypedExpr | undefined; readonly type: ValueType }

function windowNode(at: Checking, tree: TextRange, source: WindowSource, rest: Counted): WindowAggregate {
  const { where, fn, argument, type } = rest;
  const id = windowId({ source, where, fn, argument });
  source.types.forEach((name) => at.context.usedTypes.add(name));
  if (!at.context.windowIds.has(id)) {
    if (at.context.windowIds.size === MOST_WINDOWS) refuse(at, 'too-many-windows', tree, `a rule has ${MOST_WINDOWS} windows at most`);
    at.context.windowIds.add(id);
  }
  return { kind: 'window', type, source, fn, id, ...(where === undefined ? {} : { where }), ...(argument === undefined ? {} : { argument }), ...at.text.base(tree) };
}

function checkTypes(at: Checking, of: Call): readonly string[] | undefined {
  const known = at.context.schema.types.map((type) => type.name);
  const types: string[] = [];
  let isGood = of.args.length > 0 || hasArguments(at, of, 1, 'of(payment)');
  for (const arg of of.args) {
    if (arg.kind !== 'name') {
      refuse(at, 'wrong-arguments', arg, '`of` takes names of event types', arg.kind === 'string' ? { hint: 'without quotes', fix: arg.value } : {});
      isGood = false;
    } else if (!known.includes(arg.name)) {
      refuse(at, 'unknown-type', arg, `there is no event type \`${arg.name}\``, didYouMean(arg.name, known));
      isGood = false;
    } else if (types.includes(arg.name)) {
      refuse(at, 'duplicate-name', arg, `the event type \`${arg.name}\` is there twice`);
      isGood = false;
    } else types.push(arg.name);
  }
  return isGood ? types : undefined;
}

/** The key of a window: what `by(...)` says, or the rule's key. Sorted by the counted event's field. */
function checkKey(at: Checking, tree: Call, by: Call | undefined, types: readonly string[]): readonly KeyPair[] | undefined {
  const pairs: KeyPair[] = [];
  let isGood = true;
  const given = by === undefined ? at.context.by.map((name) => ({ counted: name, triggering: name, place: rangeOf(tree), right: undefined })) : by.args.map((arg) => pairOf(at, arg));
  for (const pair of given) {
    if (pair === undefined || !checkPair(at, pair, types, by === undefined)) isGood = false;
    else if (pairs.some(({ counted, triggering }) => counted === pair.counted && triggering === pair.triggering)) {
      refuse(at, 'duplicate-name', pair.place, `\`${pair.counted}\` is there twice`);
      isGood = false;
    } else pairs.push({ counted: pair.counted, triggering: pair.triggering });
  }
  const order = (a: KeyPair): string => `${a.counted} ${a.triggering}`;
  return isGood ? pairs.sort((a, b) => (order(a) < order(b) ? -1 : 1)) : undefined;
}

interface GivenPair extends KeyPair { readonly place: TextRange; readonly right: TextRange | undefined }

function pairOf(at: Checking, arg: Syntax): GivenPair | undefined {
  if (arg.kind === 'name') return { counted: arg.name, triggering: arg.name, place: arg, right: undefined };
  if (arg.kind === 'binary' && arg.operator === '==' && arg.left.kind === 'name' && arg.right.kind === 'name') return { counted: arg.left.name, triggering: arg.right.name, place: arg.left, right: arg.right };
  return refuse(at, 'wrong-arguments', arg, '`by` takes names of fields', { hint: '`by(device_id)`, or `by(payee_id == account_id)`: the counted event\'s payee is the triggering event\'s account' });
}

function checkPair(at: Checking, pair: GivenPair, types: readonly string[], isRuleKey: boolean): boolean {
  const { context } = at;
  const counted = keyType(at, pair.place, pair.counted, types, isRuleKey ? `the rule's key \`${pair.counted}\` is no field of ${types.map((type) => `\`${type}\``).join(', ')}` : undefined);
  const triggering = keyType(at, pair.right ?? pair.place, pair.triggering, context.on, undefined);
  if (counted === undefined || triggering === undefined) return false;
  if (counted === triggering) return true;
  return refuse(at, 'type-mismatch', pair.place, `\`${pair.counted}\` is ${typeWord(counted)} in the counted event, \`${pair.triggering}\` ${typeWord(triggering)} in the triggering one`) ?? false;
}

function keyType(at: Checking, place: TextRange, name: string, types: readonly string[], message: string | undefined): ValueType | undefined {
  const { schema } = at.context;
  const [meaning, other] = fieldMeanings(schema, types, name);
  if (meaning === undefined) {
    const advice = message === undefined ? didYouMean(name, fieldNames(schema, types).filter((one) => one !== 'ts')) : { hint: 'give the window a `by(...)` of its own' };
    return refuse(at, 'unknown-field', place, message ?? `${types.map((type) => `\`${type}\``).join(' or ')} has no field \`${name}\``, advice);
  }
  if (other !== undefined) return refuse(at, 'ambiguous-field', place, `\`${name}\` has several types in ${types.join(', ')}`);
  if (name === 'ts') return refuse(at, 'built-in-key', place, '`ts` is when an event happened and cannot be a key', { hint: 'the span of a window says how near events are, as in `last("1s")`' });
  if (!isKeyType(meaning.type)) return refuse(at, 'bad-key', place, `\`${name}\` is ${typeWord(meaning.type)} and cannot be a key`);
  noteField(at.context, name, meaning.declared);
  return meaning.type;
}

/** Values that can tell events apart: no places, no doubles. */
export function isKeyType(type: ValueType): boolean {
  return type !== 'geo' && type !== 'double';
}

/** The part of a window that looks at the counted events: `where`, aggregate, argument. */
function checkCounted(at: Checking, parts: Pick<WindowParts, 'where' | 'aggregate'>, types: readonly string[]): Counted | undefined {
  const inside = at.within({ kind: 'counted', types });
  let where: TypedExpr | undefined;
  if (parts.where !== undefined) {
    const [condition] = parts.where.args;
    if (!hasArguments(at, parts.where, 1, 'where(amount <= 5.00)') || condition === undefined) return undefined;
    where = checkBool(inside, condition, 'the condition of `where`');
    if (where === undefined) {
      checkArgument(inside, parts.aggregate); // for its own findings
      return undefined;
    }
  }
  const { aggregate } = parts;
  const argument = checkArgument(inside, aggregate);
  if (argument === undefined) return undefined;
  if (aggregate.name === 'count' && argument !== 'none') {
    const both: TypedExpr = where === undefined ? argument : { kind: 'and', type: 'bool', left: where, right: argument, text: `${where.text} && ${argument.text}`, span: argument.span };
    return { where: both, fn: 'count', type: 'int' };
  }
  return { where, fn: aggregate.name, type: aggregateType(aggregate.name, argument), argument: argument === 'none' ? undefined : argument };
}

function checkArgument(inside: Checking, call: Call & { readonly name: AggregateFn }): TypedExpr | 'none' | undefined {
  const fn = call.name;
  if (fn === 'count' && call.args.length === 0) return 'none';
  const usage = fn === 'count' ? 'count() or count(declined)' : fn === 'share' || fn === 'exists' ? `${fn}(declined)` : `${fn}(amount)`;
  const [arg] = call.args;
  if (!hasArguments(inside, call, 1, usage) || arg === undefined) return undefined;
  if (fn === 'count' || fn === 'share' || fn === 'exists') return checkBool(inside, arg, `the condition of \`${fn}\``);
  const argument = inside.check(arg);
  if (argument === undefined) return undefined;
  if (argument.type === 'fraction') return refuse(inside, 'fraction-in-aggregate', arg, `\`${fn}\` cannot take a fraction`, { hint: 'take the aggregates first, then divide: `sum(a) / sum(b)`' });
  return isArgumentType(fn, argument.type) ? argument : refuse(inside, 'type-mismatch', arg, `\`${fn}\` cannot take ${typeWord(argument.type)}`);
}

function isArgumentType(fn: AggregateFn, type: ValueType): boolean {
  switch (fn) {
    case 'sum': case 'avg': case 'stddev': return isNumeric(type);
    case 'min': case 'max': return isNumeric(type) || type === 'timestamp';
    case 'distinct': return type !== 'geo' && type !== 'duration';
    default: return type !== 'duration';
  }
}

function aggregateType(fn: AggregateFn, argument: TypedExpr | 'none'): ValueType {
  const type = argument === 'none' ? 'int' : argument.type;
  switch (fn) {
    case 'count': case 'distinct': return 'int';
    case 'exists': return 'bool';
    case 'share': return 'fraction';
    case 'stddev': return 'double';
    case 'avg': return type === 'double' ? 'double' : 'fraction';
    default: return type;
  }
}

function checkHavingAggregate(at: Checking, tree: Call, chain: readonly Call[]): TypedExpr | undefined {
  const { context } = at;
  const outside = chain.find((call) => isSpan(call.name) || call.name === 'of' || call.name === 'by');
  if (outside !== undefined) return refuse(at, 'not-in-having', { start: outside.start, end: outside.end }, `\`${outside.name}\` cannot stand in a window rule`, { hint: 'its aggregates look at the rule\'s own window: `count()`, `where(declined).sum(amount)`' });
  const odd = chain.find((call) => call.name !== 'where' && !isAggregate(call.name));
  if (odd !== undefined) return refuse(at, 'unknown-function', odd.nameRange, `\`${odd.name}\` is no part of a window`, didYouMean(odd.name, ['where', ...aggregateWords]));
  const wheres = chain.filter((call) => call.name === 'where');
  const second = wheres[1];
  if (second !== undefined) return refuse(at, 'twice-in-window', { start: second.nameRange.start, end: second.end }, 'a window has one `where`', { hint: 'join the conditions with `&&`' });
  const aggregate = chain.at(-1);
  if (aggregate === undefined || !isAggregate(aggregate.name)) return refuse(at, 'no-aggregate', tree, 'a window ends with an aggregate', { hint: `such as \`.count()\`; there are ${aggregateWords.join(', ')}` });
  const counted = checkCounted(at, { where: wheres[0], aggregate: { ...aggregate, name: aggregate.name } }, context.on);
  if (counted === undefined) return undefined;
  return windowNode(at, tree, { types: [...context.on].sort(), key: ruleKey(context.by), span: { kind: 'rule' } }, counted);
}

function ruleKey(by: readonly string[]): readonly KeyPair[] {
  return [...by].sort().map((name) => ({ counted: name, triggering: name }));
}

/** `first_seen(device_id, "30d")`: no earlier event of the rule's types and key, with the same device, in 30 days. */
export function checkFirstSeen(at: Checking, tree: Call): TypedExpr | undefined {
  const { context, scope } = at;
  if (scope.kind === 'having') return refuse(at, 'not-in-having', tree, '`first_seen` asks about single events, and a window has many');
  if (scope.kind !== 'event') return refuse(at, 'where-looks-outside', tree, '`first_seen` is a window and cannot stand inside one', { hint: 'name it in `let` and compare it outside' });
  const usage = 'first_seen(device_id, "30d")';
  const [field, spanArg] = tree.args;
  if (!hasArguments(at, tree, 2, usage) || field === undefined) return undefined;
  const text = textArgument(at, spanArg, tree, usage);
  if (field.kind !== 'name') return refuse(at, 'wrong-arguments', field, '`first_seen` takes the name of a field', { hint: `write ${usage}` });
  const span: WindowSpan | undefined = text === undefined || spanArg === undefined ? undefined : tellTooLong(at, spanArg, text, (ms) => ({ kind: 'before', ms }));
  const isKnown = keyType(at, field, field.name, context.on, undefined) !== undefined;
  if (span === undefined || !isKnown) return undefined;
  const key = ruleKey([...new Set([...context.by, field.name])]);
  const window = windowNode(at, tree, { types: [...context.on].sort(), key, span }, { fn: 'count', type: 'int' });
  return { kind: 'compare', type: 'bool', operator: '==', left: window, right: literal(at, tree, { type: 'int', unscaled: 0n, scale: 0 }), ...at.text.base(tree) };
}

function rangeOf({ start, end }: TextRange): TextRange {
  return { start, end };
}
