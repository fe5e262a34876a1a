import type { TextRange } from '../source/source-text.js';

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%';
export type UnaryOperator = '!' | '-';

/**
 * The tree of an expression as written, before names and types are known. Offsets are into the expression's own text.
 * Parentheses leave no node; the printer puts them where they are needed.
 */
export type Syntax =
  /** Exact: `unscaled / 10^scale`; an int literal has no point and no exponent. A sign right before a number belongs to it, as in CEL. */
  | (TextRange & { readonly kind: 'number'; readonly isInt: boolean; readonly unscaled: bigint; readonly scale: number })
  | (TextRange & { readonly kind: 'string'; readonly value: string })
  | (TextRange & { readonly kind: 'bool'; readonly value: boolean })
  | (TextRange & { readonly kind: 'name'; readonly name: string })
  /** `operand.name` */
  | (TextRange & { readonly kind: 'select'; readonly operand: Syntax; readonly name: string; readonly nameRange: TextRange })
  /** `name(args)` or `target.name(args)` */
  | (TextRange & { readonly kind: 'call'; readonly target?: Syntax | undefined; readonly name: string; readonly nameRange: TextRange; readonly args: readonly Syntax[] })
  | (TextRange & { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Syntax })
  | (TextRange & { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Syntax; readonly right: Syntax })
  | (TextRange & { readonly kind: 'conditional'; readonly condition: Syntax; readonly then: Syntax; readonly otherwise: Syntax })
  | (TextRange & { readonly kind: 'list'; readonly items: readonly Syntax[] });

export type SyntaxOf<K extends Syntax['kind']> = Extract<Syntax, { kind: K }>;

/** Binding strength of binary operators; all are left-associative. */
export const precedence: Readonly<Record<BinaryOperator, number>> = {
  '||': 1, '&&': 2, '==': 3, '!=': 3, '<': 3, '<=': 3, '>': 3, '>=': 3, in: 3, '+': 4, '-': 4, '*': 5, '/': 5, '%': 5,
};

/** Deepest tree, in nodes from root to leaf. */
export const DEEPEST_TREE = 256;
