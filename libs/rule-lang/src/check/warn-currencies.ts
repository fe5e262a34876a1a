import { fieldMeanings } from '../schema/schema-lookup.js';
import { offsetsOf } from './span-offsets.js';
import type { RuleContext } from './rule-context.js';
import type { TypedBody, TypedExpr, TypedLet, WindowAggregate } from './typed-rule.js';
import { walkTyped } from './walk-typed.js';

/**
 * Warns where amounts of several currencies may be summed or compared. Money is a decimal; its currency is a code, or the
 * value of a field of the same event. Amounts are of one currency when their codes are the same, when they are of one event,
 * or when the currency is pinned: by the window's key, or by a comparison of the currency in `where` or around.
 */
export function warnCurrencies(lets: readonly TypedLet[], body: TypedBody, context: RuleContext): void {
  const scopes: { readonly expr: TypedExpr; readonly types: readonly string[] }[] = lets.map(({ expr }) => ({ expr, types: context.on }));
  if (body.kind === 'when') scopes.push({ expr: body.condition, types: context.on });
  if (body.kind === 'window') scopes.push({ expr: body.having, types: context.on });
  if (body.kind === 'sequence') for (const step of body.steps) for (const expr of [step.where, step.until]) if (expr !== undefined) scopes.push({ expr, types: step.on });
  const pins = new Set<string>();
  for (const { expr } of scopes) notePins(expr, pins);
  for (const { expr, types } of scopes) {
    walkTyped(expr, (part) => {
      if (part.kind === 'window') warnSum(part, context);
      if (part.kind === 'compare' || (part.kind === 'arithmetic' && (part.operator === '+' || part.operator === '-'))) warnPair(part, part.left, part.right, { types, context, pins });
    });
  }
}

/** Text of a currency that is compared with another value: then its amounts are of one currency. */
function notePins(expr: TypedExpr, pins: Set<string>): void {
  walkTyped(expr, (part) => {
    if (part.kind === 'compare' && part.operator === '==') for (const side of [part.left, part.right]) if (side.type === 'string') pins.add(placeOf(side));
  });
}

function placeOf(expr: TypedExpr): string {
  switch (expr.kind) {
    case 'field': return `event ${expr.name}`;
    case 'previous': return `previous ${expr.name}`;
    case 'step': return `${expr.step}.${expr.which} ${expr.name}`;
    default: return '';
  }
}

/** Currencies that a money field may be in: codes, or `field` names. */
function currenciesOf(context: RuleContext, types: readonly string[], name: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { type, declared } of fieldMeanings(context.schema, types, name)) {
    for (const { spec } of type === 'decimal' ? declared : []) {
      if (spec.currency === undefined) found.add(context.schema.currency ?? '');
      else found.add('code' in spec.currency ? spec.currency.code : `field ${spec.currency.field}`);
    }
  }
  found.delete('');
  return found;
}

function amountField(expr: TypedExpr | undefined): string | undefined {
  let name: string | undefined;
  if (expr?.type === 'decimal') walkTyped(expr, (part) => { if (part.kind === 'field' && part.type === 'decimal') name ??= part.name; });
  return name;
}

const SUMMING: readonly string[] = ['sum', 'avg', 'min', 'max', 'stddev'];

function warnSum(window: WindowAggregate, context: RuleContext): void {
  const name = SUMMING.includes(window.fn) ? amountField(window.argument) : undefined;
  if (name === undefined) return;
  const open = [...currenciesOf(context, window.source.types, name)].filter((currency) => !isPinned(window, currency));
  const [first] = open;
  if (first === undefined || (open.length === 1 && !first.startsWith('field '))) return;
  const field = open.find((currency) => currency.startsWith('field '))?.slice('field '.length);
  const hint = field === undefined ? 'count each type in a window of its own' : `add \`${field}\` to \`by\`, or \`${field} == "..."\` to \`where\``;
  context.found.warn('several-currencies', offsetsOf(context.source, window.span), `\`${name}\` may be in several currencies here, and \`${window.fn}\` mixes them`, { hint });
}

function isPinned(window: WindowAggregate, currency: string): boolean {
  if (!currency.startsWith('field ')) return false;
  const field = currency.slice('field '.length);
  if (window.source.key.some(({ counted }) => counted === field)) return true;
  const pins = new Set<string>();
  if (window.where !== undefined) notePins(window.where, pins);
  return pins.has(`event ${field}`);
}

interface Pairing { readonly types: readonly string[]; readonly context: RuleContext; readonly pins: ReadonlySet<string> }

function warnPair(whole: TypedExpr, left: TypedExpr, right: TypedExpr, pairing: Pairing): void {
  const [a, b] = [currencyOfAmount(left, pairing), currencyOfAmount(right, pairing)];
  if (a === undefined || b === undefined || a === b) return;
  pairing.context.found.warn('several-currencies', offsetsOf(pairing.context.source, whole.span), `the amounts of \`${whole.text}\` may be in different currencies`, { hint: 'compare the currencies too, or amounts of one currency' });
}

/** The one currency of an amount as a text; undefined when it is no amount, pinned, or not decided by one field. */
function currencyOfAmount(expr: TypedExpr, { types, context, pins }: Pairing): string | undefined {
  if (expr.kind === 'arithmetic' && expr.operator === '*') return currencyOfAmount(expr.left, { types, context, pins }) ?? currencyOfAmount(expr.right, { types, context, pins });
  const [place, name, seen] = expr.kind === 'field' ? ['event', expr.name, types] : expr.kind === 'previous' ? ['previous', expr.name, context.on] : expr.kind === 'step' ? [`${expr.step}.${expr.which}`, expr.name, context.steps.find((step) => step.name === expr.step)?.on ?? []] : ['', '', []];
  const target = expr.kind === 'let' ? context.lets.get(expr.name) : undefined;
  if (target !== undefined) return currencyOfAmount(target, { types: context.on, context, pins });
  if (expr.kind === 'window') {
    const field = amountField(expr.argument);
    const codes = field === undefined ? [] : [...currenciesOf(context, expr.source.types, field)];
    return codes.length === 1 && codes[0]?.startsWith('field ') === false ? codes[0] : undefined;
  }
  const [currency, second] = name === '' ? [] : [...currenciesOf(context, seen, name)];
  if (currency === undefined || second !== undefined) return undefined;
  if (!currency.startsWith('field ')) return currency;
  const pin = `${place} ${currency.slice('field '.length)}`;
  return pins.has(pin) ? undefined : pin;
}
