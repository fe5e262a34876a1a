import { writeDecimal } from '../schema/decimal-text.js';
import { writeStringLiteral } from './string-literal.js';
import { precedence, type Syntax } from './syntax-tree.js';

/** Binding strength of what is no binary operator. */
const CONDITIONAL = 0;
const UNARY = 6;
const MEMBER = 7;

/**
 * The text of a tree, with the fewest parentheses: `parseExpression(printExpression(tree))` is the same tree but for offsets.
 * Numbers come in canonical form: `5.00` as `5.0`, `1e3` as `1000.0`; strings in double quotes.
 */
export function printExpression(tree: Syntax): string {
  return print(tree, CONDITIONAL);
}

function print(tree: Syntax, weakest: number): string {
  const text = bare(tree);
  return strength(tree) < weakest ? `(${text})` : text;
}

function strength(tree: Syntax): number {
  switch (tree.kind) {
    case 'conditional': return CONDITIONAL;
    case 'binary': return precedence[tree.operator];
    case 'unary': return UNARY;
    default: return MEMBER;
  }
}

function bare(tree: Syntax): string {
  switch (tree.kind) {
    case 'number': return printNumber(tree);
    case 'string': return writeStringLiteral(tree.value);
    case 'bool': return String(tree.value);
    case 'name': return tree.name;
    case 'select': return `${print(tree.operand, MEMBER)}.${tree.name}`;
    case 'call': return `${tree.target === undefined ? '' : `${print(tree.target, MEMBER)}.`}${tree.name}(${printAll(tree.args)})`;
    case 'unary': return `${tree.operator}${printOperand(tree.operator, tree.operand)}`;
    case 'binary': return `${print(tree.left, precedence[tree.operator])} ${tree.operator} ${print(tree.right, precedence[tree.operator] + 1)}`;
    case 'conditional': return `${print(tree.condition, 1)} ? ${print(tree.then, 1)} : ${print(tree.otherwise, CONDITIONAL)}`;
    case 'list': return `[${printAll(tree.items)}]`;
  }
}

function printAll(trees: readonly Syntax[]): string {
  return trees.map((one) => print(one, CONDITIONAL)).join(', ');
}

/** `-(5)` is the negation of a literal, `-5` a literal: the parentheses keep them apart. */
function printOperand(operator: string, operand: Syntax): string {
  const leftmost = leftmostOf(operand);
  return operator === '-' && leftmost.kind === 'number' && leftmost.unscaled >= 0n ? `(${print(operand, CONDITIONAL)})` : print(operand, UNARY);
}

function leftmostOf(tree: Syntax): Syntax {
  if (tree.kind === 'select') return leftmostOf(tree.operand);
  return tree.kind === 'call' && tree.target !== undefined ? leftmostOf(tree.target) : tree;
}

/** A decimal always shows a point, an int never. */
export function printNumber(number: { readonly isInt: boolean; readonly unscaled: bigint; readonly scale: number }): string {
  const text = writeDecimal(number);
  return number.isInt || text.includes('.') ? text : `${text}.0`;
}
