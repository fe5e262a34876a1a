import { writeStringLiteral } from '../syntax/string-literal.js';
import { printNumber } from '../syntax/print-syntax.js';
import type { LiteralValue, TypedExpr, WindowSource, WindowSpan } from './typed-rule.js';

/**
 * One text for one meaning: parentheses around every operation, numbers, spans and times in one form, what a window leaves out
 * filled in. Layout, comments and spelling of literals do not show. Equal texts over one schema are equal values.
 */
export function canonicalText(expr: TypedExpr): string {
  switch (expr.kind) {
    case 'literal': return literalText(expr.value);
    case 'listLiteral': return `[${expr.items.map(canonicalText).join(', ')}]`;
    case 'field': case 'let': return expr.name;
    case 'previous': return `previous.${expr.name}`;
    case 'step': return `${expr.step}${expr.which === 'first' ? '.first' : ''}.${expr.name}`;
    case 'stepAggregate': return `${expr.step}.${expr.fn}(${optional(expr.argument)})`;
    case 'not': return `!${canonicalText(expr.operand)}`;
    case 'negate': return `-(${canonicalText(expr.operand)})`;
    case 'and': return `(${canonicalText(expr.left)} && ${canonicalText(expr.right)})`;
    case 'or': return `(${canonicalText(expr.left)} || ${canonicalText(expr.right)})`;
    case 'compare': case 'arithmetic': return `(${canonicalText(expr.left)} ${expr.operator} ${canonicalText(expr.right)})`;
    case 'in': return `(${canonicalText(expr.operand)} in [${expr.items.map(canonicalText).join(', ')}])`;
    case 'inList': return `(${canonicalText(expr.operand)} in list(${writeStringLiteral(expr.list)}))`;
    case 'conditional': return `(${canonicalText(expr.condition)} ? ${canonicalText(expr.then)} : ${canonicalText(expr.otherwise)})`;
    case 'has': return `has(${canonicalText(expr.target)})`;
    case 'orValue': return `${canonicalText(expr.operand)}.orValue(${canonicalText(expr.fallback)})`;
    case 'call': return `${expr.fn}(${expr.args.map(canonicalText).join(', ')})`;
    case 'model': return `model(${writeStringLiteral(expr.name)})`;
    case 'window': return expr.id;
  }
}

/** The id of a window: source, `where`, aggregate and argument. */
export function windowId(window: { readonly source: WindowSource; readonly where?: TypedExpr | undefined; readonly fn: string; readonly argument?: TypedExpr | undefined }): string {
  const where = window.where === undefined ? '' : `.where(${canonicalText(window.where)})`;
  return `${sourceText(window.source)}${where}.${window.fn}(${optional(window.argument)})`;
}

function sourceText({ types, key, span }: WindowSource): string {
  const fields = key.map(({ counted, triggering }) => (counted === triggering ? counted : `${counted} == ${triggering}`));
  return `of(${types.join(', ')}).by(${fields.join(', ')}).${spanText(span)}`;
}

function spanText(span: WindowSpan): string {
  switch (span.kind) {
    case 'last': case 'before': return `${span.kind}(${span.ms})`;
    case 'between': return `between(${span.fromMs}, ${span.toMs})`;
    case 'since': return `since(${span.unit}, ${span.zone})`;
    case 'lastEvents': return `lastEvents(${span.count})`;
    case 'rule': return 'window()';
  }
}

function optional(expr: TypedExpr | undefined): string {
  return expr === undefined ? '' : canonicalText(expr);
}

function literalText(value: LiteralValue): string {
  switch (value.type) {
    case 'bool': return String(value.value);
    case 'string': return writeStringLiteral(value.value);
    case 'int': case 'decimal': return printNumber({ isInt: value.type === 'int', unscaled: value.unscaled, scale: value.scale });
    case 'duration': case 'timestamp': return `${value.type}(${value.ms})`;
  }
}
