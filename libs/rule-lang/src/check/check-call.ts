import { patternFault } from '../schema/parse-schema.js';
import { parseDurationMs } from '../schema/time-span.js';
import { parseTimestampMs } from '../schema/timestamp-text.js';
import { isZone } from '../schema/zone-name.js';
import { didYouMean } from '../source/did-you-mean.js';
import { aggregateWords, functionWords, getterWords, methodWords, spanWords, windowWords } from '../source/reserved-words.js';
import type { Syntax, SyntaxOf } from '../syntax/syntax-tree.js';
import { type Checking, hasArguments, literal, refuse, textArgument } from './checking.js';
import { checkSelect, checkName, visibleStep } from './check-name.js';
import { knownName } from './check-operator.js';
import { checkFirstSeen, checkWindow, isAggregate } from './check-window.js';
import { isNumeric, joinTypes, typeWord } from './typed-types.js';
import type { CallName, StepAggregate, TypedExpr, ValueType } from './typed-rule.js';

type Call = SyntaxOf<'call'>;

/** A call: a window, an aggregate over a step, a function, a method. */
export function checkCall(at: Checking, tree: Call): TypedExpr | undefined {
  const window = checkWindow(at, tree);
  if (window !== 'no-window') return window;
  if (tree.target !== undefined) return checkMethod(at, tree, tree.target);
  switch (tree.name) {
    case 'has': return checkHas(at, tree);
    case 'abs': return checkAbs(at, tree);
    case 'min': case 'max': return checkExtreme(at, tree, tree.name);
    case 'double': return checkDouble(at, tree);
    case 'distance_km': return hasArguments(at, tree, 2, 'distance_km(location, other)') ? typedCall(at, tree, 'distance_km', tree.args, ['geo', 'geo'], 'double') : undefined;
    case 'model': return checkModel(at, tree);
    case 'duration': return checkDuration(at, tree);
    case 'timestamp': return checkTimestamp(at, tree);
    case 'first_seen': return checkFirstSeen(at, tree);
    case 'size': return hasArguments(at, tree, 1, 'size(x)') ? checkSize(at, tree, tree.args[0]) : undefined;
    case 'matches': return hasArguments(at, tree, 2, 'x.matches("pattern")') ? checkMatches(at, tree, tree.args[0], tree.args[1]) : undefined;
    case 'list': return refuse(at, 'not-a-value', tree, '`list(...)` stands to the right of `in`', { hint: 'write `merchant_id in list("blocked-merchants")`' });
    default: return unknownFunction(at, tree);
  }
}

function unknownFunction(at: Checking, tree: Call): undefined {
  const { name } = tree;
  if (isAggregate(name)) {
    return refuse(at, 'no-span', tree, `\`${name}\` needs to know which events`, { hint: `put a span before it: \`last("10m").${name}(...)\`` });
  }
  if (methodWords.some((word) => word === name)) return refuse(at, 'unknown-function', tree.nameRange, `\`${name}\` is called on a value`, { hint: `write \`x.${name}(...)\`` });
  const celOnly = ['all', 'exists_one', 'map', 'filter', 'int', 'uint', 'string', 'bytes', 'bool', 'type', 'dyn'].includes(name);
  const advice = didYouMean(name, [...windowWords, ...functionWords, ...(at.scope.kind === 'having' ? aggregateWords : [])]);
  return refuse(at, celOnly ? 'not-in-language' : 'unknown-function', tree.nameRange, celOnly ? `rules have no \`${name}()\` of CEL` : `there is no function \`${name}\``, celOnly ? {} : advice);
}

/** Checks arguments of fixed types and makes the node. */
function typedCall(at: Checking, tree: Call, fn: CallName, args: readonly Syntax[], types: readonly ValueType[], result: ValueType): TypedExpr | undefined {
  const typed: TypedExpr[] = [];
  let isGood = true;
  args.forEach((arg, i) => {
    const expr = at.check(arg);
    const expected = types[i];
    if (expr === undefined || expected === undefined) isGood = false;
    else if (expr.type !== expected) {
      refuse(at, 'type-mismatch', arg, `\`${fn}\` takes ${typeWord(expected)}, and this is ${typeWord(expr.type)}`);
      isGood = false;
    } else typed.push(expr);
  });
  return isGood ? { kind: 'call', fn, type: result, args: typed, ...at.text.base(tree) } : undefined;
}

function checkHas(at: Checking, tree: Call): TypedExpr | undefined {
  if (!hasArguments(at, tree, 1, 'has(device_id)')) return undefined;
  const [arg] = tree.args;
  const target = arg?.kind === 'name' ? checkName(at, arg) : arg?.kind === 'select' ? checkSelect(at, arg) : undefined;
  if (arg !== undefined && arg.kind !== 'name' && arg.kind !== 'select') return refuse(at, 'wrong-arguments', arg, '`has` takes the name of a field', { hint: 'write `has(device_id)`, `has(previous.device_id)` or `has(step.device_id)`' });
  if (target === undefined) return undefined;
  if (target.kind !== 'field' && target.kind !== 'previous' && target.kind !== 'step') {
    return refuse(at, 'wrong-arguments', arg ?? tree, `\`has\` takes the name of a field, and \`${target.text}\` is a \`let\``, { hint: '`x.orValue(...)` gives a value that is unknown a default' });
  }
  return { kind: 'has', type: 'bool', target, ...at.text.base(tree) };
}

function checkAbs(at: Checking, tree: Call): TypedExpr | undefined {
  const [arg] = tree.args;
  if (!hasArguments(at, tree, 1, 'abs(x)') || arg === undefined) return undefined;
  const expr = at.check(arg);
  if (expr === undefined) return undefined;
  if (!isNumeric(expr.type) && expr.type !== 'duration') return refuse(at, 'type-mismatch', arg, `\`abs\` takes a number or a duration, and this is ${typeWord(expr.type)}`);
  return { kind: 'call', fn: 'abs', type: expr.type, args: [expr], ...at.text.base(tree) };
}

function checkExtreme(at: Checking, tree: Call, fn: 'min' | 'max'): TypedExpr | undefined {
  if (tree.args.length === 1) return unknownFunction(at, tree);
  if (!hasArguments(at, tree, 2, `${fn}(a, b)`)) return undefined;
  const args = tree.args.map((arg) => at.check(arg));
  const [a, b] = args;
  if (a === undefined || b === undefined) return undefined;
  for (const [i, expr] of [a, b].entries()) {
    if (!isNumeric(expr.type) && expr.type !== 'timestamp' && expr.type !== 'duration') return refuse(at, 'type-mismatch', tree.args[i] ?? tree, `\`${fn}\` takes numbers or times, and this is ${typeWord(expr.type)}`);
  }
  const type = joinTypes(a.type, b.type);
  if (type === undefined) return refuse(at, 'type-mismatch', tree, `\`${fn}\` cannot choose between ${typeWord(a.type)} and ${typeWord(b.type)}`);
  return { kind: 'call', fn, type, args: [a, b], ...at.text.base(tree) };
}

function checkDouble(at: Checking, tree: Call): TypedExpr | undefined {
  const [arg] = tree.args;
  if (!hasArguments(at, tree, 1, 'double(x)') || arg === undefined) return undefined;
  const expr = at.check(arg);
  if (expr === undefined) return undefined;
  if (!isNumeric(expr.type) && expr.type !== 'string') return refuse(at, 'type-mismatch', arg, `\`double\` takes a number or a text, and this is ${typeWord(expr.type)}`);
  return { kind: 'call', fn: 'double', type: 'double', args: [expr], ...at.text.base(tree) };
}

/** Of a text its code points; of a list literal its items. */
function checkSize(at: Checking, tree: Call, arg: Syntax | undefined): TypedExpr | undefined {
  if (arg?.kind !== 'list') return arg === undefined ? undefined : typedCall(at, tree, 'size', [arg], ['string'], 'int');
  const items = arg.items.map((item) => at.check(item));
  const typed = items.flatMap((item) => item ?? []);
  if (typed.length < items.length) return undefined;
  return { kind: 'call', fn: 'size', type: 'int', args: [{ kind: 'listLiteral', type: 'list', items: typed, ...at.text.base(arg) }], ...at.text.base(tree) };
}

function checkModel(at: Checking, tree: Call): TypedExpr | undefined {
  const name = textArgument(at, tree.args.length === 1 ? tree.args[0] : undefined, tree, 'model("name")');
  if (name === undefined || !knownName(at, tree.args[0] ?? tree, name, at.context.models, 'model')) return undefined;
  if (at.scope.kind === 'having') return refuse(at, 'not-in-having', tree, 'a model scores single events, and a window has many');
  if (at.scope.kind !== 'event') return refuse(at, 'where-looks-outside', tree, '`model` is the score of the triggering event', { hint: 'compare it outside the window' });
  return { kind: 'model', type: 'double', name, ...at.text.base(tree) };
}

function checkDuration(at: Checking, tree: Call): TypedExpr | undefined {
  const text = textArgument(at, tree.args.length === 1 ? tree.args[0] : undefined, tree, 'duration("1h30m")');
  if (text === undefined) return undefined;
  const ms = parseDurationMs(text);
  return ms === undefined ? refuse(at, 'bad-span', tree.args[0] ?? tree, `\`${text}\` is no duration`, { hint: 'numbers with the units w d h m s ms, a whole number of ms in all: "1h30m", "1.5h"' }) : literal(at, tree, { type: 'duration', ms });
}

function checkTimestamp(at: Checking, tree: Call): TypedExpr | undefined {
  const text = textArgument(at, tree.args.length === 1 ? tree.args[0] : undefined, tree, 'timestamp("2026-01-31T00:00:00Z")');
  if (text === undefined) return undefined;
  const ms = parseTimestampMs(text);
  return ms === undefined ? refuse(at, 'bad-timestamp', tree.args[0] ?? tree, `\`${text}\` is no timestamp`, { hint: 'date, T, time and zone, after 1970: "2026-01-31T00:00:00Z"' }) : literal(at, tree, { type: 'timestamp', ms });
}

function checkMethod(at: Checking, tree: Call, target: Syntax): TypedExpr | undefined {
  if (target.kind === 'name' && isStep(at, target.name)) return checkStepAggregate(at, tree, target);
  const getter = getterWords.find((word) => word === tree.name);
  if (getter !== undefined) return checkGetter(at, tree, target, getter);
  switch (tree.name) {
    case 'orValue': return checkOrValue(at, tree, target);
    case 'size': return hasArguments(at, tree, 0, 'x.size()') ? checkSize(at, tree, target) : undefined;
    case 'lowerAscii': return hasArguments(at, tree, 0, 'x.lowerAscii()') ? typedCall(at, tree, 'lowerAscii', [target], ['string'], 'string') : undefined;
    case 'contains': case 'startsWith': case 'endsWith':
      return hasArguments(at, tree, 1, `x.${tree.name}("text")`) ? typedCall(at, tree, tree.name, [target, ...tree.args], ['string', 'string'], 'bool') : undefined;
    case 'matches': return hasArguments(at, tree, 1, 'x.matches("pattern")') ? checkMatches(at, tree, target, tree.args[0]) : undefined;
    default: return unknownMethod(at, tree, target);
  }
}

function unknownMethod(at: Checking, tree: Call, target: Syntax): undefined {
  const { name } = tree;
  if (target.kind === 'name' && at.context.steps.length > 0 && (isAggregate(name) || name === 'count')) {
    visibleStep(at, target.name, target);
    return undefined;
  }
  if (at.check(target) === undefined) return undefined;
  if (isAggregate(name) || [...spanWords, 'where', 'by', 'of'].includes(name)) return refuse(at, 'unknown-function', tree.nameRange, `\`${name}\` belongs to a window, and \`${at.text.text.slice(target.start, target.end)}\` is none`, { hint: `write \`last("10m").${isAggregate(name) ? `${name}(...)` : 'count()'}\`` });
  return refuse(at, 'unknown-function', tree.nameRange, `there is no function \`${name}\``, didYouMean(name, [...methodWords]));
}

function isStep(at: Checking, name: string): boolean {
  return at.context.steps.some((step) => step.name === name);
}

const STEP_AGGREGATES: readonly StepAggregate['fn'][] = ['count', 'sum', 'avg', 'min', 'max'];

function checkStepAggregate(at: Checking, tree: Call, target: SyntaxOf<'name'>): TypedExpr | undefined {
  const step = visibleStep(at, target.name, target);
  if (step === undefined) return undefined;
  const fn = STEP_AGGREGATES.find((word) => word === tree.name);
  if (fn === undefined) return refuse(at, 'unknown-function', tree.nameRange, `a step has no \`${tree.name}\``, { hint: `a step has ${STEP_AGGREGATES.map((word) => `${word}()`).join(', ')}`, ...didYouMean(tree.name, STEP_AGGREGATES) });
  const base = { kind: 'stepAggregate' as const, step: step.name, fn, ...at.text.base(tree) };
  if (fn === 'count') return hasArguments(at, tree, 0, `${step.name}.count()`) ? { ...base, type: 'int' } : undefined;
  const [arg] = tree.args;
  if (!hasArguments(at, tree, 1, `${step.name}.${fn}(amount)`) || arg === undefined) return undefined;
  const argument = at.within({ kind: 'taken', types: step.on }).check(arg);
  if (argument === undefined) return undefined;
  if (argument.type === 'fraction') return refuse(at, 'fraction-in-aggregate', arg, `\`${fn}\` cannot take a fraction`, { hint: 'divide after it' });
  if (!isNumeric(argument.type) && !(argument.type === 'timestamp' && (fn === 'min' || fn === 'max'))) return refuse(at, 'type-mismatch', arg, `\`${fn}\` takes a number, and this is ${typeWord(argument.type)}`);
  const type = fn === 'avg' && argument.type !== 'double' ? 'fraction' : argument.type;
  return { ...base, type, argument };
}

const durationGetters: ReadonlySet<string> = new Set(['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds']);

function checkGetter(at: Checking, tree: Call, target: Syntax, fn: (typeof getterWords)[number]): TypedExpr | undefined {
  if (tree.args.length > 1) return refuse(at, 'wrong-arguments', tree, `\`${fn}\` takes a zone or nothing`, { hint: `write \`ts.${fn}("Europe/London")\`` });
  const value = at.check(target);
  const [zone] = tree.args;
  if (zone !== undefined) {
    const name = textArgument(at, zone, tree, `ts.${fn}("Europe/London")`);
    if (name === undefined) return undefined;
    if (!isZone(name)) return refuse(at, 'bad-zone', zone, `\`${name}\` is no time zone`, { hint: 'a name such as "Europe/London", "UTC", or an offset such as "+02:00"' });
  }
  if (value === undefined) return undefined;
  if (value.type === 'duration') {
    if (!durationGetters.has(fn)) return refuse(at, 'type-mismatch', target, `\`${fn}\` is asked of a timestamp, and this is a duration`, { hint: 'a duration has getHours, getMinutes, getSeconds and getMilliseconds; `d / duration("24h")` is a number of days' });
    if (zone !== undefined) return refuse(at, 'wrong-arguments', zone, 'a duration has no time zone', { hint: `write \`d.${fn}()\`` });
  } else if (value.type !== 'timestamp') return refuse(at, 'type-mismatch', target, `\`${fn}\` is asked of a timestamp, and this is ${typeWord(value.type)}`);
  const args = zone?.kind === 'string' ? [value, literal(at, zone, { type: 'string', value: zone.value })] : [value];
  return { kind: 'call', fn, type: 'int', args, ...at.text.base(tree) };
}

function checkOrValue(at: Checking, tree: Call, target: Syntax): TypedExpr | undefined {
  const [arg] = tree.args;
  if (!hasArguments(at, tree, 1, 'x.orValue(0)') || arg === undefined) return undefined;
  const operand = at.check(target);
  const fallback = at.check(arg);
  if (operand === undefined || fallback === undefined) return undefined;
  const type = joinTypes(operand.type, fallback.type);
  if (type === undefined) return refuse(at, 'type-mismatch', arg, `the default is ${typeWord(fallback.type)}, and the value ${typeWord(operand.type)}`);
  return { kind: 'orValue', type, operand, fallback, ...at.text.base(tree) };
}

function checkMatches(at: Checking, tree: Call, target: Syntax | undefined, pattern: Syntax | undefined): TypedExpr | undefined {
  if (target === undefined) return undefined;
  const text = textArgument(at, pattern, tree, 'x.matches("^[0-9]+$")');
  const value = at.check(target);
  if (text === undefined || pattern === undefined || value === undefined) return undefined;
  const fault = patternFault(text);
  if (fault !== undefined) return refuse(at, 'bad-pattern', pattern, fault.message, fault.hint === undefined ? {} : { hint: fault.hint });
  if (value.type !== 'string') return refuse(at, 'type-mismatch', target, `\`matches\` takes a text, and this is ${typeWord(value.type)}`);
  return { kind: 'call', fn: 'matches', type: 'bool', args: [value, literal(at, pattern, { type: 'string', value: text })], ...at.text.base(tree) };
}
