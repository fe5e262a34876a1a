import type { TypedExpr, ValueType } from './typed-rule.js';

export function isNumeric(type: ValueType): boolean {
  return type === 'int' || type === 'decimal' || type === 'fraction' || type === 'double';
}

/** The type of numbers of both types together: double wins, then fraction, then decimal. */
export function joinNumbers(a: ValueType, b: ValueType): ValueType {
  for (const wide of ['double', 'fraction', 'decimal'] as const) if (a === wide || b === wide) return wide;
  return 'int';
}

/** The common type of two values of which one is chosen; undefined when there is none. */
export function joinTypes(a: ValueType, b: ValueType): ValueType | undefined {
  if (a === b) return a;
  return isNumeric(a) && isNumeric(b) ? joinNumbers(a, b) : undefined;
}

/** A type as the messages call it. */
export function typeWord(type: ValueType): string {
  return { bool: 'true or false', string: 'a text', int: 'a whole number', decimal: 'a decimal', fraction: 'a fraction', double: 'a double', timestamp: 'a timestamp', duration: 'a duration', geo: 'a place', list: 'a list' }[type];
}

/** Most decimals that a value can have; undefined when there is no bound (fractions, doubles) or it is no number. */
export function scaleOf(expr: TypedExpr, lets: (name: string) => TypedExpr | undefined): number | undefined {
  if (expr.type !== 'int' && expr.type !== 'decimal') return undefined;
  if (expr.type === 'int') return 0;
  const both = (a: TypedExpr, b: TypedExpr, join: (x: number, y: number) => number): number | undefined => {
    const [x, y] = [scaleOf(a, lets), scaleOf(b, lets)];
    return x === undefined || y === undefined ? undefined : join(x, y);
  };
  switch (expr.kind) {
    case 'literal': return expr.value.type === 'decimal' ? expr.value.scale : 0;
    case 'field': case 'previous': case 'step': return expr.scale ?? 0;
    case 'stepAggregate': case 'window': return expr.argument === undefined ? 0 : scaleOf(expr.argument, lets);
    case 'let': {
      const target = lets(expr.name);
      return target === undefined ? undefined : scaleOf(target, lets);
    }
    case 'negate': return scaleOf(expr.operand, lets);
    case 'arithmetic': return both(expr.left, expr.right, expr.operator === '*' ? (x, y) => x + y : Math.max);
    case 'conditional': return both(expr.then, expr.otherwise, Math.max);
    case 'orValue': return both(expr.operand, expr.fallback, Math.max);
    case 'call': {
      const scales = expr.args.map((arg) => scaleOf(arg, lets));
      return scales.reduce<number | undefined>((most, scale) => (most === undefined || scale === undefined ? undefined : Math.max(most, scale)), 0);
    }
    default: return undefined;
  }
}
