import { didYouMean } from '../source/did-you-mean.js';
import { expectScalar } from '../source/yaml-shape.js';
import type { YamlNode, YamlScalar } from '../source/yaml-tree.js';
import { spanOf } from '../source/source-text.js';
import { checkExpression } from './check-expression.js';
import { ExpressionText, type RuleContext, type Scope } from './rule-context.js';
import type { ReasonPart, TypedExpr } from './typed-rule.js';

const NAME = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,2}$/;

/** Reads the sentence of `reason`: `{name}` is a field, a `let`, `step.field` or `step.count`; `{{` is a brace. */
export function checkReason(context: RuleContext, node: YamlNode, scope: Scope): readonly ReasonPart[] {
  const scalar = expectScalar(node, '`reason`', context.found);
  if (scalar === undefined) return [];
  const at = new ExpressionText(context.source, scalar);
  const parts: ReasonPart[] = [];
  let text = '';
  const { text: sentence } = scalar;
  for (let i = 0; i < sentence.length;) {
    if (sentence.startsWith('{{', i) || sentence.startsWith('}}', i)) {
      text += sentence.charAt(i);
      i += 2;
    } else if (sentence.charAt(i) === '{') {
      const end = sentence.indexOf('}', i);
      if (end === -1) {
        context.found.error('bad-reason', at.range({ start: i, end: i + 1 }), 'the brace is not closed', { hint: 'a brace as such is `{{`' });
        break;
      }
      if (text !== '') parts.push({ kind: 'text', text });
      text = '';
      const expr = checkName(context, scalar, at, { start: i + 1, end }, scope);
      if (expr !== undefined) parts.push({ kind: 'value', name: sentence.slice(i + 1, end), expr });
      i = end + 1;
    } else {
      text += sentence.charAt(i);
      i += 1;
    }
  }
  if (text !== '') parts.push({ kind: 'text', text });
  return parts;
}

function checkName(context: RuleContext, scalar: YamlScalar, at: ExpressionText, range: { start: number; end: number }, scope: Scope): TypedExpr | undefined {
  const name = scalar.text.slice(range.start, range.end);
  if (!NAME.test(name) || name.startsWith('previous.')) {
    context.found.error('bad-reason', at.range(range), `\`{${name}}\` cannot be shown`, { hint: 'a field, a `let`, `step.field` or `step.count`; other expressions get a name in `let`' });
    return undefined;
  }
  const [step = '', word] = name.split('.');
  const head = context.steps.find((one) => one.name === step);
  if (word === 'count' && head === undefined) {
    context.found.error('unknown-step', at.range({ start: range.start, end: range.start + step.length }), `there is no step \`${step}\``, didYouMean(step, context.steps.map((one) => one.name)));
    return undefined;
  }
  if (word === 'count' && head?.isNegative === false && name === `${step}.count`) {
    return { kind: 'stepAggregate', fn: 'count', step, type: 'int', text: name, span: spanOf(context.source, at.range(range)) };
  }
  return checkExpression(context, partOf(scalar, at, range), scope, '`reason`', 'any');
}

/** A part of a scalar as a scalar of its own, each unit where it stands in the file. */
function partOf(scalar: YamlScalar, at: ExpressionText, range: { start: number; end: number }): YamlScalar {
  const units = Array.from({ length: range.end - range.start }, (_, i) => at.range({ start: range.start + i, end: range.start + i + 1 }));
  return { kind: 'scalar', style: scalar.style, text: scalar.text.slice(range.start, range.end), ...at.range(range), offsets: { starts: units.map(({ start }) => start), ends: units.map(({ end }) => end) } };
}
