import fc from 'fast-check';
import { type BinaryOperator, precedence, type Syntax } from '../syntax/syntax-tree.js';

const nowhere = { start: 0, end: 0 };
const NAMES = ['amount', 'a', 'b', 'merchant_id', 'ts', 'x_1'];
const CALLS = ['has', 'count', 'where', 'last', 'orValue', 'sum', 'size'];

/** Any tree that the parser can give, with offsets of 0: for print/parse round trips. */
export function arbitrarySyntax(): fc.Arbitrary<Syntax> {
  const name = fc.constantFrom(...NAMES);
  const { tree } = fc.letrec<{ tree: Syntax }>((tie) => {
    const sub = tie('tree');
    return {
      tree: fc.oneof({ maxDepth: 6, withCrossShrink: true },
        fc.record({ kind: fc.constant('name' as const), name }).map((node): Syntax => ({ ...node, ...nowhere })),
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map((unscaled): Syntax => ({ kind: 'number', isInt: true, unscaled, scale: 0, ...nowhere })),
        fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 })).map(([unscaled, scale]): Syntax => ({ kind: 'number', isInt: false, ...withoutZeros(unscaled, scale), ...nowhere })),
        fc.string({ unit: 'grapheme', maxLength: 12 }).map((value): Syntax => ({ kind: 'string', value, ...nowhere })),
        fc.boolean().map((value): Syntax => ({ kind: 'bool', value, ...nowhere })),
        fc.tuple(sub, name).map(([operand, field]): Syntax => ({ kind: 'select', operand, name: field, nameRange: nowhere, ...nowhere })),
        fc.tuple(fc.option(sub, { nil: undefined }), fc.constantFrom(...CALLS), fc.array(sub, { maxLength: 3 })).map(([target, fn, args]): Syntax => ({ kind: 'call', target, name: fn, nameRange: nowhere, args, ...nowhere })),
        fc.tuple(fc.constantFrom('!' as const, '-' as const), sub).map(([operator, operand]): Syntax => ({ kind: 'unary', operator, operand, ...nowhere })),
        // keys of `precedence` are exactly the operators, which Object.keys cannot know
        fc.tuple(fc.constantFrom(...(Object.keys(precedence) as BinaryOperator[])), sub, sub).map(([operator, left, right]): Syntax => ({ kind: 'binary', operator, left, right, ...nowhere })),
        fc.tuple(sub, sub, sub).map(([condition, then, otherwise]): Syntax => ({ kind: 'conditional', condition, then, otherwise, ...nowhere })),
        fc.array(sub, { maxLength: 3 }).map((items): Syntax => ({ kind: 'list', items, ...nowhere })),
      ),
    };
  });
  return tree;
}

function withoutZeros(unscaled: bigint, scale: number): { unscaled: bigint; scale: number } {
  let [value, decimals] = [unscaled, scale];
  for (; decimals > 0 && value % 10n === 0n; decimals -= 1) value /= 10n;
  return { unscaled: value, scale: decimals };
}

/** The tree without its offsets, for comparison. */
export function withoutOffsets(tree: Syntax): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'start' || key === 'end' || key === 'nameRange' ? undefined : typeof value === 'bigint' ? value.toString() : value)));
}
