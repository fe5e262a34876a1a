import { didYouMean } from '../source/did-you-mean.js';
import { writeStringLiteral } from '../syntax/string-literal.js';
import type { Syntax, SyntaxOf } from '../syntax/syntax-tree.js';
import { type Checking, countWord, refuse, textArgument } from './checking.js';
import { isNumeric, joinNumbers, joinTypes, scaleOf, typeWord } from './typed-types.js';
import type { ArithmeticOperator, CompareOperator, TypedExpr, ValueType } from './typed-rule.js';

/** A tree that must be true or false. */
export function checkBool(at: Checking, tree: Syntax, what: string): TypedExpr | undefined {
  const expr = at.check(tree);
  if (expr === undefined || expr.type === 'bool') return expr;
  return refuse(at, 'type-mismatch', tree, `${what} is true or false, and this is ${typeWord(expr.type)}`, { hint: 'compare it with something' });
}

export function checkUnary(at: Checking, tree: SyntaxOf<'unary'>): TypedExpr | undefined {
  if (tree.operator === '!') {
    const operand = checkBool(at, tree.operand, 'what `!` turns round');
    return operand === undefined ? undefined : { kind: 'not', type: 'bool', operand, ...at.text.base(tree) };
  }
  const operand = at.check(tree.operand);
  if (operand === undefined) return undefined;
  if (!isNumeric(operand.type)) return refuse(at, 'type-mismatch', tree, `\`-\` takes a number, and this is ${typeWord(operand.type)}`);
  return { kind: 'negate', type: operand.type, operand, ...at.text.base(tree) };
}

export function checkBinary(at: Checking, tree: SyntaxOf<'binary'>): TypedExpr | undefined {
  const { operator } = tree;
  switch (operator) {
    case '&&': case '||': {
      const left = checkBool(at, tree.left, `the left side of \`${operator}\``);
      const right = checkBool(at, tree.right, `the right side of \`${operator}\``);
      return left === undefined || right === undefined ? undefined : { kind: operator === '&&' ? 'and' : 'or', type: 'bool', left, right, ...at.text.base(tree) };
    }
    case 'in': return checkIn(at, tree);
    case '==': case '!=': case '<': case '<=': case '>': case '>=': return checkCompare(at, tree, operator);
    default: return checkArithmetic(at, tree, operator);
  }
}

function checkCompare(at: Checking, tree: SyntaxOf<'binary'>, operator: CompareOperator): TypedExpr | undefined {
  const left = at.check(tree.left);
  const right = at.check(tree.right);
  if (left === undefined || right === undefined || !comparable(at, tree, tree, left, right)) return undefined;
  if (operator === '==' || operator === '!=') {
    if (!fineEnough(at, tree.right, left, right) || !fineEnough(at, tree.left, right, left)) return undefined;
  }
  return { kind: 'compare', type: 'bool', operator, left, right, ...at.text.base(tree) };
}

/** Tells why two values cannot be compared. */
function comparable(at: Checking, place: Syntax, tree: SyntaxOf<'binary'>, left: TypedExpr, right: TypedExpr): boolean {
  for (const side of [left, right]) {
    if (side.type === 'geo') return refuse(at, 'type-mismatch', place, 'a place cannot be compared', { hint: '`distance_km(a, b)` is how far two places are apart' }) ?? false;
  }
  if (joinTypes(left.type, right.type) !== undefined) return true;
  refuse(at, 'type-mismatch', place, `${typeWord(left.type)} is compared with ${typeWord(right.type)}`, mixedAdvice(at, tree, left, right));
  return false;
}

function mixedAdvice(at: Checking, tree: SyntaxOf<'binary'>, left: TypedExpr, right: TypedExpr): { hint?: string } {
  const [number, text] = left.type === 'string' ? [right, left] : [left, right];
  if (text.type === 'string' && isNumeric(number.type)) {
    if (number.kind === 'literal') return { hint: `a text is written in quotes: \`${writeStringLiteral(number.text)}\`` };
    return { hint: text.kind === 'literal' ? 'a number is written without quotes' : 'a text never equals a number' };
  }
  if (left.type === 'duration' || right.type === 'duration') return { hint: 'a span as a value is `duration("10m")`; `d / duration("1h")` is a number of hours' };
  if (left.type === 'timestamp' || right.type === 'timestamp') return { hint: 'a point in time is `timestamp("2026-01-31T00:00:00Z")`' };
  return left.type === 'bool' || right.type === 'bool' ? { hint: `\`${at.text.text.slice(tree.start, tree.end)}\` mixes a condition and a value; parentheses may be missing` } : {};
}

/** `amount == 5.001` can never be true of a field with two decimals. */
function fineEnough(at: Checking, literalTree: Syntax, value: TypedExpr, literal: TypedExpr): boolean {
  if (literal.kind !== 'literal' || (literal.value.type !== 'decimal' && literal.value.type !== 'int')) return true;
  const scale = scaleOf(value, (name) => at.context.lets.get(name));
  if (scale === undefined || literal.value.scale <= scale) return true;
  refuse(at, 'literal-too-fine', literalTree, `\`${literal.text}\` has ${countWord(literal.value.scale, 'decimal')}, and \`${value.text}\` has ${scale === 0 ? 'none' : `${scale} at most`}: they are never equal`);
  return false;
}

function checkIn(at: Checking, tree: SyntaxOf<'binary'>): TypedExpr | undefined {
  const operand = at.check(tree.left);
  if (tree.right.kind === 'call' && tree.right.name === 'list' && tree.right.target === undefined) return checkInNamedList(at, tree, operand, tree.right);
  if (tree.right.kind !== 'list') {
    const right = at.check(tree.right);
    return right === undefined ? undefined : refuse(at, 'type-mismatch', tree.right, `\`in\` takes a list, and this is ${typeWord(right.type)}`, { hint: 'write `x in ["GB", "FR"]` or `x in list("name")`' });
  }
  const items = tree.right.items.map((item) => ({ item, expr: at.check(item) }));
  if (operand === undefined) return undefined;
  let isGood = true;
  for (const { item, expr } of items) {
    if (expr === undefined || !comparable(at, item, tree, operand, expr) || !fineEnough(at, item, operand, expr)) isGood = false;
  }
  return isGood ? { kind: 'in', type: 'bool', operand, items: items.flatMap(({ expr }) => expr ?? []), ...at.text.base(tree) } : undefined;
}

function checkInNamedList(at: Checking, tree: SyntaxOf<'binary'>, operand: TypedExpr | undefined, call: SyntaxOf<'call'>): TypedExpr | undefined {
  const list = call.args.length === 1 ? textArgument(at, call.args[0], call, 'list("name")') : textArgument(at, undefined, call, 'list("name")');
  if (list === undefined || operand === undefined) return undefined;
  at.context.usedLists.add(list);
  if (!knownName(at, call.args[0] ?? call, list, at.context.lists, 'list')) return undefined;
  if (operand.type !== 'string') return refuse(at, 'type-mismatch', tree.left, `a named list holds texts, and this is ${typeWord(operand.type)}`);
  return { kind: 'inList', type: 'bool', operand, list, ...at.text.base(tree) };
}

/** Checks the name of a list or model against those that exist, when they are known. */
export function knownName(at: Checking, place: Syntax, name: string, known: readonly string[] | undefined, what: 'list' | 'model'): boolean {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name)) return refuse(at, 'bad-name', place, `\`${name}\` cannot be the name of a ${what}`, { hint: 'letters, digits, `-`, `_` and `.`' }) ?? false;
  if (known === undefined || known.includes(name)) return true;
  const near = nearestQuoted(name, known);
  return refuse(at, what === 'list' ? 'unknown-list' : 'unknown-model', place, `there is no ${what} \`${name}\``, near) ?? false;
}

function checkArithmetic(at: Checking, tree: SyntaxOf<'binary'>, operator: ArithmeticOperator): TypedExpr | undefined {
  const left = at.check(tree.left);
  const right = at.check(tree.right);
  if (left === undefined || right === undefined) return undefined;
  const type = arithmeticType(operator, left.type, right.type);
  if (type !== undefined) return { kind: 'arithmetic', type, operator, left, right, ...at.text.base(tree) };
  return refuse(at, 'type-mismatch', tree, `\`${operator}\` cannot join ${typeWord(left.type)} and ${typeWord(right.type)}`, { hint: arithmeticHint(operator, left.type, right.type) });
}

/** The type of an operation; undefined when the language has none for these types. */
function arithmeticType(operator: ArithmeticOperator, left: ValueType, right: ValueType): ValueType | undefined {
  if (isNumeric(left) && isNumeric(right)) {
    const joined = joinNumbers(left, right);
    if (operator === '%') return joined === 'int' || joined === 'decimal' ? joined : undefined;
    return operator === '/' && joined !== 'double' ? 'fraction' : joined;
  }
  const pair = `${left} ${operator} ${right}`;
  switch (pair) {
    case 'string + string': return 'string';
    case 'timestamp + duration': case 'duration + timestamp': case 'timestamp - duration': return 'timestamp';
    case 'timestamp - timestamp': case 'duration + duration': case 'duration - duration': return 'duration';
    case 'duration / duration': return 'fraction';
    default: break;
  }
  const factor = left === 'duration' ? right : right === 'duration' ? left : undefined;
  return operator === '*' && (factor === 'int' || factor === 'decimal' || factor === 'fraction') ? 'duration' : undefined;
}

function arithmeticHint(operator: ArithmeticOperator, left: ValueType, right: ValueType): string | undefined {
  if (operator === '%' && isNumeric(left) && isNumeric(right)) return '`%` is for whole numbers and decimals only';
  if (left === 'timestamp' && isNumeric(right)) return 'a span is `duration("1h")`';
  if (left === 'duration' && operator === '/') return '`duration / duration` is a number; a part of a duration is `d * 0.5`';
  if (left === 'duration' || right === 'duration') return 'durations are added to timestamps and durations, multiplied by exact numbers and divided by durations';
  return left === 'string' || right === 'string' ? 'texts are joined with texts only' : undefined;
}

export function checkConditional(at: Checking, tree: SyntaxOf<'conditional'>): TypedExpr | undefined {
  const condition = checkBool(at, tree.condition, 'what stands before `?`');
  const then = at.check(tree.then);
  const otherwise = at.check(tree.otherwise);
  if (condition === undefined || then === undefined || otherwise === undefined) return undefined;
  const type = joinTypes(then.type, otherwise.type);
  if (type === undefined) return refuse(at, 'type-mismatch', tree, `the two results are of different types: ${typeWord(then.type)} and ${typeWord(otherwise.type)}`);
  return { kind: 'conditional', type, condition, then, otherwise, ...at.text.base(tree) };
}

function nearestQuoted(name: string, known: readonly string[]): { hint?: string; fix?: string } {
  const near = didYouMean(name, known);
  return near.fix === undefined ? (known.length === 0 ? {} : { hint: `there are ${known.slice(0, 10).join(', ')}` }) : { ...near, fix: writeStringLiteral(near.fix) };
}
