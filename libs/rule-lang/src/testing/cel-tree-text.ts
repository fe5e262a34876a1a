import type { Syntax } from '../syntax/syntax-tree.js';

type Binary = Extract<Syntax, { kind: 'binary' }>;

/**
 * A tree in the notation of cel-go's `ToDebugString`, without its type marks and white space, so that the two parsers can be
 * compared. As cel-go's parser does, chains of `&&` and of `||` are balanced and even runs of `!` and `-` fall away.
 */
export function celTreeText(tree: Syntax): string {
  switch (tree.kind) {
    case 'number': return tree.isInt ? String(tree.unscaled) : String(Number(`${tree.unscaled}e-${tree.scale}`));
    case 'string': return JSON.stringify(tree.value);
    case 'bool': return String(tree.value);
    case 'name': return tree.name;
    case 'select': return `${celTreeText(tree.operand)}.${tree.name}`;
    case 'call': return callText(tree);
    case 'unary': return unaryText(tree);
    case 'binary': return tree.operator === '&&' || tree.operator === '||' ? balanced(tree.operator, chain(tree, tree.operator)) : `${tree.operator === 'in' ? '@in' : `_${tree.operator}_`}(${celTreeText(tree.left)},${celTreeText(tree.right)})`;
    case 'conditional': return `_?_:_(${celTreeText(tree.condition)},${celTreeText(tree.then)},${celTreeText(tree.otherwise)})`;
    case 'list': return `[${tree.items.map(celTreeText).join(',')}]`;
  }
}

function callText(tree: Extract<Syntax, { kind: 'call' }>): string {
  const [argument] = tree.args;
  if (tree.name === 'has' && tree.target === undefined && tree.args.length === 1 && argument?.kind === 'select') return `${celTreeText(argument)}~test-only~`;
  return `${tree.target === undefined ? '' : `${celTreeText(tree.target)}.`}${tree.name}(${tree.args.map(celTreeText).join(',')})`;
}

function unaryText(tree: Extract<Syntax, { kind: 'unary' }>): string {
  const { operand, operator } = tree;
  if (operand.kind === 'unary' && operand.operator === operator) return celTreeText(operand.operand);
  // Of a run before a number the last minus belongs to the number here and to the run there.
  if (operator === '-' && operand.kind === 'number' && operand.unscaled < 0n && tree.end === operand.end) return celTreeText({ ...operand, unscaled: -operand.unscaled });
  return `${operator}_(${celTreeText(operand)})`;
}

function chain(tree: Syntax, operator: Binary['operator']): readonly Syntax[] {
  return tree.kind === 'binary' && tree.operator === operator ? [...chain(tree.left, operator), tree.right] : [tree];
}

/** cel-go: `parser/helper.go`, logicManager.balancedTree. */
function balanced(operator: string, terms: readonly Syntax[]): string {
  const [only, second] = terms;
  if (only === undefined || second === undefined) return only === undefined ? '' : celTreeText(only);
  const middle = Math.floor((terms.length - 1) / 2); // index of the operator that comes on top
  return `_${operator}_(${balanced(operator, terms.slice(0, middle + 1))},${balanced(operator, terms.slice(middle + 1))})`;
}

const GO_ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const PIECE = /"((?:[^"\\]|\\.)*)"|(-?[\d.]+(?:e[+-]?\d+)?)\^#\*expr\.Constant_DoubleValue#|\^#[^#]*#|\s+/gs;

/** The text of cel-go in the form of {@link celTreeText}. */
export function plainTreeText(debugText: string): string {
  return debugText.replace(PIECE, (_piece, string?: string, double?: string) => {
    if (string !== undefined) return JSON.stringify(string.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gs, (_all, x?: string, u?: string, long?: string, other?: string) => (other === undefined ? String.fromCodePoint(Number.parseInt(x ?? u ?? long ?? '', 16)) : (GO_ESCAPES[other] ?? other))));
    return double === undefined ? '' : String(Number(double));
  });
}
