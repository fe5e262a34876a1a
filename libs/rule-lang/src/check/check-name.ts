import { fieldMeanings, fieldNames, type FieldMeaning } from '../schema/schema-lookup.js';
import { didYouMean } from '../source/did-you-mean.js';
import { methodWords } from '../source/reserved-words.js';
import type { TextRange } from '../source/source-text.js';
import type { Syntax, SyntaxOf } from '../syntax/syntax-tree.js';
import { type Checking, refuse } from './checking.js';
import { noteField, type StepHead } from './rule-context.js';
import type { TypedExpr } from './typed-rule.js';

const BY_HINT = 'inside a window only fields of the counted event can be looked at; "the same merchant" is `by(account_id, merchant_id)`, two roles are `by(payee_id == account_id)`';

/** A bare name: a field of the scope's events, a `let`; anything else is told. */
export function checkName(at: Checking, tree: SyntaxOf<'name'>): TypedExpr | undefined {
  const { context, scope } = at;
  const { name } = tree;
  if (scope.kind === 'having') return checkNameInHaving(at, tree);
  const meanings = fieldMeanings(context.schema, scope.types, name);
  if (meanings.length > 0) return fieldOf(at, tree, name, meanings, 'field');
  const isInside = scope.kind !== 'event';
  if (isInside && (context.letNames.includes(name) || stepNamed(at, name) !== undefined || fieldMeanings(context.schema, context.on, name).length > 0)) {
    const what = context.letNames.includes(name) ? 'a `let`' : stepNamed(at, name) !== undefined ? 'a step' : 'a field of the triggering event, not of the counted one';
    return refuse(at, 'where-looks-outside', tree, `\`${name}\` is ${what}`, { hint: BY_HINT });
  }
  return isInside ? unknownField(at, tree, name, scope.types) : (checkLet(at, tree) ?? undefined);
}

function checkNameInHaving(at: Checking, tree: SyntaxOf<'name'>): TypedExpr | undefined {
  const { context } = at;
  if (context.by.includes(tree.name)) return fieldOf(at, tree, tree.name, fieldMeanings(context.schema, context.on, tree.name), 'field');
  if (fieldMeanings(context.schema, context.on, tree.name).length > 0) {
    return refuse(at, 'not-in-having', tree, `\`${tree.name}\` is a field of single events, and a window has many`, { hint: `use an aggregate such as \`max(${tree.name})\`, or make it a key with \`by\`` });
  }
  return checkLet(at, tree);
}

function checkLet(at: Checking, tree: SyntaxOf<'name'>): TypedExpr | undefined {
  const { context, scope } = at;
  const { name } = tree;
  if (context.lets.has(name)) {
    const target = context.lets.get(name);
    return target === undefined ? undefined : { kind: 'let', name, type: target.type, ...at.text.base(tree) };
  }
  if (context.letNames.includes(name)) return refuse(at, 'unknown-name', tree, `the \`let\` \`${name}\` is declared further down`, { hint: 'a `let` may use those before it' });
  if (stepNamed(at, name) !== undefined) return refuse(at, 'not-a-value', tree, `\`${name}\` is a step, not a value`, { hint: `its fields are \`${name}.ts\`, \`${name}.first.ts\`; its aggregates \`${name}.count()\`` });
  if (name === 'previous') return refuse(at, 'not-a-value', tree, '`previous` is an event, not a value', { hint: 'write `previous.ts`, `previous.amount`' });
  if (context.schema.types.some((type) => type.name === name)) return refuse(at, 'not-a-value', tree, `\`${name}\` is an event type, not a value`, { hint: `\`type == "${name}"\` asks for the event's type` });
  if (scope.kind === 'having') return refuse(at, 'unknown-name', tree, `\`${name}\` is neither a key field nor a \`let\` of this rule`, didYouMean(name, [...context.by, ...context.letNames]));
  return unknownField(at, tree, name, scope.types);
}

function unknownField(at: Checking, range: TextRange, name: string, types: readonly string[]): undefined {
  const { context, scope } = at;
  const known = [...fieldNames(context.schema, types), ...(scope.kind === 'event' ? context.letNames : [])];
  const advice = didYouMean(name, known);
  const elsewhere = context.schema.types.filter((type) => type.fields.some((field) => field.name === name)).map((type) => type.name);
  const hint = advice.hint ?? (elsewhere.length > 0 ? `it is a field of ${list(elsewhere)}` : undefined);
  return refuse(at, 'unknown-field', range, `${list(types)} has no field \`${name}\``, { ...advice, hint });
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.map((word) => `\`${word}\``).join('') : `${words.slice(0, -1).map((word) => `\`${word}\``).join(', ')} or \`${words.at(-1) ?? ''}\``;
}

type FieldKind = 'field' | 'previous';

function fieldOf(at: Checking, tree: TextRange, name: string, meanings: readonly FieldMeaning[], kind: FieldKind): TypedExpr | undefined {
  const [meaning, other] = meanings;
  if (meaning === undefined) return undefined;
  if (other !== undefined) {
    const [one, two] = [meaning.declared[0]?.eventType ?? '', other.declared[0]?.eventType ?? ''];
    return refuse(at, 'ambiguous-field', tree, `\`${name}\` is of type ${meaning.type} in \`${one}\` and of type ${other.type} in \`${two}\``, { hint: 'a name must have one type in all event types that the rule looks at' });
  }
  noteField(at.context, name, meaning.declared);
  const scale = meaning.type === 'decimal' || meaning.type === 'int' ? { scale: meaning.scale } : {};
  return { kind, name, type: meaning.type, ...scale, ...at.text.base(tree) };
}

function stepNamed(at: Checking, name: string): StepHead | undefined {
  return at.context.steps.find((step) => step.name === name);
}

/** `previous.x`, `step.x`, `step.first.x`. */
export function checkSelect(at: Checking, tree: SyntaxOf<'select'>): TypedExpr | undefined {
  const { operand } = tree;
  if (operand.kind === 'name' && operand.name === 'previous') return checkPrevious(at, tree);
  const path = stepPath(operand);
  if (path !== undefined && (stepNamed(at, path.name) !== undefined || path.which === 'first')) {
    const step = visibleStep(at, path.name, path.range);
    return step === undefined ? undefined : stepField(at, tree, step, path.which);
  }
  if (methodWords.some((word) => word === tree.name)) return refuse(at, 'syntax', tree.nameRange, `\`${tree.name}\` is a function and needs parentheses`, { hint: `write \`.${tree.name}(...)\``, fix: `${tree.name}()` });
  if (operand.kind === 'name' && at.context.steps.length > 0 && fieldMeanings(at.context.schema, at.scope.types, operand.name).length === 0 && !at.context.letNames.includes(operand.name)) {
    return refuse(at, 'unknown-step', operand, `there is no step \`${operand.name}\``, didYouMean(operand.name, [...at.context.steps.filter(({ isNegative }) => !isNegative).map(({ name }) => name), 'previous']));
  }
  if (operand.kind === 'name' && at.check(operand) === undefined) return undefined;
  return refuse(at, 'unknown-function', tree.nameRange, `nothing here has a part \`${tree.name}\``, operand.kind === 'name' ? didYouMean(operand.name, ['previous', ...at.context.steps.map(({ name }) => name)]) : {});
}

function checkPrevious(at: Checking, tree: SyntaxOf<'select'>): TypedExpr | undefined {
  const { context, scope } = at;
  if (scope.kind === 'having') return refuse(at, 'not-in-having', tree, 'there is no `previous` of a window');
  if (scope.kind !== 'event') return refuse(at, 'where-looks-outside', tree, '`previous` is the event before the triggering one', { hint: BY_HINT });
  const meanings = fieldMeanings(context.schema, context.on, tree.name);
  context.on.forEach((type) => context.usedTypes.add(type));
  return meanings.length === 0 ? unknownField(at, tree.nameRange, tree.name, context.on) : fieldOf(at, tree, tree.name, meanings, 'previous');
}

function stepPath(operand: Syntax): { readonly name: string; readonly which: 'first' | 'last'; readonly range: TextRange } | undefined {
  if (operand.kind === 'name') return { name: operand.name, which: 'last', range: operand };
  if (operand.kind === 'select' && operand.name === 'first' && operand.operand.kind === 'name') return { name: operand.operand.name, which: 'first', range: operand.operand };
  return undefined;
}

/** The step of a name, if the expression may look at it: an earlier positive step, or its own when that may take several events. */
export function visibleStep(at: Checking, name: string, range: TextRange): StepHead | undefined {
  const { context, scope } = at;
  const index = context.steps.findIndex((step) => step.name === name);
  const step = context.steps[index];
  if (step === undefined) return refuse(at, 'unknown-step', range, `there is no step \`${name}\``, didYouMean(name, context.steps.filter(({ isNegative }) => !isNegative).map((one) => one.name)));
  if (scope.kind !== 'event') return refuse(at, 'where-looks-outside', range, `\`${name}\` is a step`, { hint: BY_HINT });
  if (scope.step === undefined || scope.step < 0) return refuse(at, 'step-not-earlier', range, `a \`let\` cannot look at the step \`${name}\``, { hint: 'write it in the `where` of a later step' });
  if (step.isNegative) return refuse(at, 'step-has-no-events', range, `\`${name}\` is a negative step and takes no event`);
  if (index > scope.step) return refuse(at, 'step-not-earlier', range, `the step \`${name}\` comes later`, { hint: 'a step may look at those before it' });
  if (index === scope.step && step.times.to === 1) return refuse(at, 'step-not-earlier', range, `\`${name}\` is this step itself, which takes one event`, { hint: 'bare names are the fields of the candidate event' });
  return step;
}

function stepField(at: Checking, tree: SyntaxOf<'select'>, step: StepHead, which: 'first' | 'last'): TypedExpr | undefined {
  const { context } = at;
  const meanings = fieldMeanings(context.schema, step.on, tree.name);
  if (meanings.length === 0) {
    if (tree.name === 'count') return refuse(at, 'syntax', tree.nameRange, '`count` is a function and needs parentheses', { fix: 'count()' });
    return unknownField(at, tree.nameRange, tree.name, step.on);
  }
  const field = fieldOf(at, tree, tree.name, meanings, 'field');
  return field?.kind === 'field' ? { ...field, kind: 'step', step: step.name, which } : undefined;
}
