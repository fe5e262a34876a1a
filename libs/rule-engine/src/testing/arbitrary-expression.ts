import fc from 'fast-check';
import { fieldsOf, typeOf } from './workload-schema.js';
import type { WorkloadField, WorkloadType } from './workload-schema.js';

/**
 * Expressions of the rule language as text, by the type they have. `exact` holds no fraction (allowed inside aggregates),
 * `number` may. Depth bounds nesting; arbitraries are made once per (scope, type, depth).
 */
export type ExpressionType = 'bool' | 'exact' | 'number' | 'double' | 'string' | 'timestamp' | 'duration' | 'geo';

/** What an expression may name. */
export interface ExpressionScope {
  /** Types of the event that bare names mean. */
  readonly types: readonly WorkloadType[];
  /** Absent inside a window, where windows, `previous` and `let`s are refused. */
  readonly rule?: { readonly on: readonly WorkloadType[]; readonly by: readonly WorkloadField[]; readonly lets: readonly LetName[]; readonly hasLists: boolean };
}

/** The `let`s a generated rule has, each of the type its name says. */
export type LetName = 'let_exact' | 'let_number' | 'let_double' | 'let_bool';
const letTypes: Readonly<Record<LetName, ExpressionType>> = { let_exact: 'exact', let_number: 'number', let_double: 'double', let_bool: 'bool' };

/** Spans of the generated windows: events lie at their sums and one ms beside them. */
const spanTexts = ['1s', '2s', '5s', '10s', '1m'] as const;
/** Zones of generated calendar expressions: with and without daylight saving, and half hours. */
const zones = ['UTC', 'Europe/London', 'America/New_York', 'Asia/Kathmandu', '+05:30'] as const;
/** Texts of generated literals and fields: they sort differently by code point, by UTF-16 unit and by locale. */
export const strings = ['a', 'B', 'ab', 'z', 'é', '～', '😀', '😀b', ''] as const;

type Text = fc.Arbitrary<string>;
type Build = (type: ExpressionType, depth: number) => Text;

const made = new Map<string, Text>();

/** Text of an expression of the type; cached, since arbitraries are immutable. */
export function arbExpression(type: ExpressionType, scope: ExpressionScope, depth: number): Text {
  const key = JSON.stringify([type, scope, depth]);
  const known = made.get(key);
  if (known !== undefined) return known;
  const arbitrary = alternatives(type, scope, depth);
  made.set(key, arbitrary);
  return arbitrary;
}

function alternatives(type: ExpressionType, scope: ExpressionScope, depth: number): Text {
  const leaves = [...fieldLeaves(type, scope), ...literalLeaves(type, scope), ...letLeaves(type, scope), ...previousLeaves(type, scope)];
  if (depth <= 0) return fc.oneof(...leaves);
  const build: Build = (inner, less) => arbExpression(inner, scope, depth - less);
  const windows = scope.rule === undefined ? [] : windowsOf(type, scope, depth);
  const composed = composedOf(type, build, scope);
  return fc.oneof(
    ...leaves.map((arbitrary) => ({ arbitrary, weight: 1 })),
    ...composed.map((arbitrary) => ({ arbitrary, weight: 2 })),
    ...windows.map((arbitrary) => ({ arbitrary, weight: 5 })),
    ...(type === 'bool' ? thresholds(scope, depth).map((arbitrary) => ({ arbitrary, weight: 40 })) : []),
  );
}

/** What rules are made of: a window's number against a small one. These decide differently for every event too many or too few. */
function thresholds(scope: ExpressionScope, depth: number): readonly Text[] {
  if (scope.rule === undefined) return [];
  const counts = fc.tuple(fc.oneof(...windowsOf('exact', scope, depth)), fc.constantFrom('>=', '>=', '>', '<', '<=', '==', '!='), fc.constantFrom('1', '2', '2', '3', '4'));
  const shares = fc.tuple(fc.oneof(...windowsOf('number', scope, depth)), fc.constantFrom('>=', '>', '<', '<='), fc.constantFrom('0.5', '1', '2', '5.00', '10.01', 'amount', 'tries', '3 * amount', 'before("5s").of(payment).by(acct).avg(amount)'));
  const doubles = fc.tuple(fc.oneof(...windowsOf('double', scope, depth)), fc.constantFrom('>=', '>', '<', '<='), fc.constantFrom('0', '0.1', '0.3', '1', '14.3', 'double(0.3)'));
  const text = ([a, operator, b]: readonly [string, string, string]): string => `${a} ${operator} ${b}`;
  const named = (field: WorkloadField, fallback: string): ((value: string) => string) => (value) => (scope.types.some((type) => fieldsOf(type).includes(field)) ? value : fallback);
  // a share is at most 1, and the checker knows it
  const fitting = (a: string, b: string): string => (a.includes('.share(') ? '0.5' : named(b === 'tries' ? 'tries' : 'amount', '2')(b));
  return [counts.map(text), shares.map(([a, operator, b]) => text([a, operator, fitting(a, b)])), doubles.map(text)];
}

function fieldNames(types: readonly WorkloadType[]): readonly WorkloadField[] { return [...new Set(types.flatMap((type) => [...fieldsOf(type)]))]; }

/** Fields whose values are of the expression type, in one or all of the event types. */
function fieldsFor(type: ExpressionType, types: readonly WorkloadType[]): readonly string[] {
  const fits = (field: WorkloadField): boolean => {
    const declared = typeOf(field);
    if (type === 'exact' || type === 'number') return declared === 'decimal' || declared === 'int';
    return declared === type;
  };
  return [...fieldNames(types).filter(fits), ...(type === 'timestamp' ? ['ts'] : []), ...(type === 'string' ? ['id'] : [])];
}

function fieldLeaves(type: ExpressionType, { types }: ExpressionScope): readonly Text[] {
  const names = type === 'bool' ? [...fieldsFor(type, types), 'has(acct)', 'has(amount)'] : fieldsFor(type, types);
  return names.length > 0 ? [fc.constantFrom(...names)] : [];
}
function letLeaves(type: ExpressionType, { rule }: ExpressionScope): readonly Text[] {
  const names = (rule?.lets ?? []).filter((name) => letTypes[name] === type);
  return names.length > 0 ? [fc.constantFrom(...names)] : [];
}
function previousLeaves(type: ExpressionType, { rule }: ExpressionScope): readonly Text[] {
  const names = rule === undefined ? [] : fieldsFor(type, rule.on);
  return names.length > 0 ? [fc.constantFrom(...names.map((name) => `previous.${name}`))] : [];
}

/** Literals; none for bool, where a constant condition would be refused. */
function literalLeaves(type: ExpressionType, { rule }: ExpressionScope): readonly Text[] {
  switch (type) {
    case 'exact': case 'number': return [fc.constantFrom('0', '1', '2', '3', '7', '0.1', '0.3', '30.03', '1e1', '1000000000000')];
    case 'double': return [fc.constantFrom('double(0.1)', 'double(3)', ...(rule === undefined ? [] : ['model("risk")']))];
    case 'string': return [fc.constantFrom(...strings).map((text) => JSON.stringify(text))];
    case 'timestamp': return [fc.constant('timestamp("2026-03-29T01:00:00Z")')];
    case 'duration': return [fc.constantFrom('duration("1s")', 'duration("1m30s")', 'duration("5ms")')];
    case 'bool': case 'geo': return [];
  }
}

function composedOf(type: ExpressionType, build: Build, scope: ExpressionScope): readonly Text[] {
  switch (type) {
    case 'bool': return conditions(build, scope);
    case 'exact': return [infix(build, 'exact', ['+', '-', '*']), remainderOf(build), ...numeric(build, 'exact'), build('string', 1).map((text) => `size(${text})`), getter(build)];
    case 'number': return [build('exact', 1), infix(build, 'number', ['+', '-', '*', '/']), fc.tuple(build('duration', 1), build('duration', 1)).map(([a, b]) => `((${a}) / (${b}))`), ...numeric(build, 'number')];
    case 'double': return [infix(build, 'double', ['+', '-', '*', '/']), mixed(build), ...numeric(build, 'double'), build('number', 1).map((text) => `double(${text})`), ...distances(scope, build)];
    case 'string': return [build('string', 1).map((text) => `(${text}).lowerAscii()`), infix(build, 'string', ['+']), orValue(build, 'string', strings.map((text) => JSON.stringify(text)))];
    case 'timestamp': return [fc.tuple(build('timestamp', 1), fc.constantFrom('+', '-'), build('duration', 1)).map(([a, op, b]) => `(${a} ${op} ${b})`)];
    case 'duration': return [
      fc.tuple(build('timestamp', 1), build('timestamp', 1)).map(([a, b]) => `(${a} - ${b})`),
      infix(build, 'duration', ['+', '-']),
      fc.tuple(build('duration', 1), build('number', 1)).map(([a, b]) => `(${a} * ${b})`),
    ];
    case 'geo': return [];
  }
}

function infix(build: Build, type: ExpressionType, operators: readonly string[]): Text {
  return fc.tuple(build(type, 1), fc.constantFrom(...operators), build(type, 1)).map(([a, operator, b]) => `(${a} ${operator} ${b})`);
}
function mixed(build: Build): Text {
  return fc.tuple(build('double', 1), fc.constantFrom('+', '-', '*', '/'), build('number', 1), fc.boolean()).map(([a, operator, b, flip]) => (flip ? `(${b} ${operator} ${a})` : `(${a} ${operator} ${b})`));
}
function remainderOf(build: Build): Text {
  return fc.tuple(build('exact', 1), fc.constantFrom('2', '0.3', '5.00', '0')).map(([a, b]) => `(${a} % ${b})`);
}
function numeric(build: Build, type: ExpressionType): readonly Text[] {
  return [
    build(type, 1).map((text) => `abs(${text})`),
    build(type, 1).map((text) => `(-(${text}))`),
    fc.tuple(fc.constantFrom('min', 'max'), build(type, 1), build(type, 1)).map(([fn, a, b]) => `${fn}(${a}, ${b})`),
    orValue(build, type, type === 'double' ? ['double(0)'] : ['0', '1.5']),
    fc.tuple(build('bool', 1), build(type, 1), build(type, 1)).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
  ];
}
function orValue(build: Build, type: ExpressionType, fallbacks: readonly string[]): Text {
  return fc.tuple(build(type, 1), fc.constantFrom(...fallbacks)).map(([text, fallback]) => `(${text}).orValue(${fallback})`);
}
function distances({ types }: ExpressionScope, build: Build): readonly Text[] {
  return fieldsFor('geo', types).length === 0 ? [] : [fc.tuple(build('geo', 1), build('geo', 1)).map(([a, b]) => `distance_km(${a}, ${b})`)];
}
function getter(build: Build): Text {
  const names = ['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'];
  return fc.tuple(build('timestamp', 1), fc.constantFrom(...names), fc.option(fc.constantFrom(...zones))).map(([ts, name, zone]) => `(${ts}).${name}(${zone === null ? '' : `"${zone}"`})`);
}

function conditions(build: Build, scope: ExpressionScope): readonly Text[] {
  const { types } = scope;
  const lists = scope.rule?.hasLists === true ? [fc.constantFrom(...fieldsFor('string', types)).map((name) => `${name} in list("watched")`)] : [];
  const previous = scope.rule === undefined ? [] : [fc.constantFrom(...fieldsFor('exact', scope.rule.on), 'ts').map((name) => `has(previous.${name})`)];
  return [
    ordered(types, build), ordered(types, build), equal(build, types),
    fc.tuple(build('bool', 1), fc.constantFrom('&&', '||'), build('bool', 1)).map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    build('bool', 1).map((text) => `!(${text})`),
    fc.constantFrom(...fieldNames(types)).map((name) => `has(${name})`),
    fc.tuple(fc.constantFrom(...fieldsFor('string', types)), fc.subarray([...strings, 'a1', 'm1', 'd1'], { minLength: 1 })).map(([name, items]) => `${name} in [${items.map((item) => JSON.stringify(item)).join(', ')}]`),
    fc.tuple(fc.constantFrom('contains', 'startsWith', 'endsWith'), build('string', 1), fc.constantFrom('"a"', '"1"', '"b"', '"😀"')).map(([fn, text, part]) => `(${text}).${fn}(${part})`),
    fc.tuple(build('string', 1), fc.constantFrom('^[a-m]', '1$', '^.$', 'b|é')).map(([text, pattern]) => `(${text}).matches("${pattern}")`),
    fc.tuple(build('bool', 1), build('bool', 1), build('bool', 1)).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
    fc.tuple(build('bool', 1), fc.boolean()).map(([text, fallback]) => `(${text}).orValue(${fallback})`),
    ...lists, ...previous,
  ];
}

/** A comparison whose left side names something: two literals would be a constant condition. */
function ordered(types: readonly WorkloadType[], build: Build): Text {
  const operator = fc.constantFrom('<', '<=', '>', '>=');
  const named = (type: ExpressionType): Text => fc.tuple(fc.constantFrom(...fieldsFor('exact', types), '__ts'), build(type, 1)).map(([name, text]) => (name === '__ts' ? text : `${name} + ${text}`));
  return fc.oneof(
    fc.tuple(named('number'), operator, build('number', 1)).map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(named('double'), operator, build('number', 1)).map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(named('double'), operator, build('double', 1)).map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(fc.constantFrom(...fieldsFor('string', types)), operator, build('string', 1)).map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(build('timestamp', 1), operator, build('timestamp', 1)).map(([a, op, b]) => `ts - duration("1s") < ${a} && ${a} ${op} ${b}`),
    fc.tuple(build('duration', 1), operator, fc.constantFrom('duration("1s")', 'duration("5s")', 'duration("1ms")')).map(([a, op, b]) => `(ts - ts) + ${a} ${op} ${b}`),
  );
}

function equal(build: Build, types: readonly WorkloadType[]): Text {
  const operator = fc.constantFrom('==', '!=');
  return fc.oneof(
    fc.tuple(fc.constantFrom(...fieldsFor('exact', types)), operator, fc.constantFrom(...fieldsFor('exact', types), '0', '1', '5')).map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(fc.constantFrom(...fieldsFor('string', types)), operator, build('string', 1)).map(([a, op, b]) => `${a} ${op} ${b}`),
  );
}

/** `[of(types).] [by(fields).] span [.where(condition)] .aggregate` of the wanted type. */
function windowsOf(type: ExpressionType, scope: ExpressionScope, depth: number): readonly Text[] {
  const { rule } = scope;
  if (rule === undefined) return [];
  const choices = rule.on.length === 1 ? [undefined, ...typeSets] : typeSets;
  const of = rule.on.length === 1 ? fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...choices) }) : fc.constantFrom(...choices);
  return [of.chain((types) => windowOver(type, types, scope, rule, depth)), ...(type === 'bool' ? firstSeen(rule) : [])];
}
const typeSets: readonly (readonly WorkloadType[])[] = [['payment'], ['transfer'], ['label'], ['payment', 'transfer']];

function windowOver(type: ExpressionType, of: readonly WorkloadType[] | undefined, scope: ExpressionScope, rule: NonNullable<ExpressionScope['rule']>, depth: number): Text {
  const types = of ?? scope.types;
  const inner: ExpressionScope = { types };
  const where = arbExpression('bool', inner, Math.min(1, depth - 1));
  const condition = fc.oneof({ arbitrary: fc.constant(''), weight: 2 }, { arbitrary: where.map((text) => `.where(${text})`), weight: 1 });
  const aggregate = aggregates(type, inner, depth);
  // Two parts in any order: the grammar allows it.
  const head = fc.tuple(fc.constant(of === undefined ? '' : `of(${of.join(', ')})`), keys(types, rule), spans).map((parts) => parts.filter((part) => part !== ''))
    .chain((parts) => fc.shuffledSubarray(parts, { minLength: parts.length }));
  return aggregate === undefined ? arbExpression(type, scope, 0) : fc.tuple(head, condition, aggregate).map(([parts, filter, last]) => `${parts.join('.')}${filter}.${last}`);
}

/** A key of the window; left out, the rule's is taken, so every counted type must have its fields. */
function keys(types: readonly WorkloadType[], rule: NonNullable<ExpressionScope['rule']>): Text {
  const counted = fieldsOf(types[0] ?? 'payment').filter((field) => types.every((type) => fieldsOf(type).includes(field)));
  const shared = counted.filter((field) => rule.on.some((type) => fieldsOf(type).includes(field)) && ['string', 'int', 'decimal', 'bool'].includes(typeOf(field)));
  const omitted = rule.by.every((field) => counted.includes(field)) ? [fc.constant('')] : [];
  const pair = counted.includes('payee') && rule.on.some((type) => fieldsOf(type).includes('acct')) ? [fc.constant('by(payee == acct)')] : [];
  const named = shared.length === 0 ? [] : [fc.shuffledSubarray([...shared], { minLength: 1, maxLength: 2 }).map((names) => `by(${names.join(', ')})`)];
  const builtIn = fc.constantFrom('by(type)', ...(shared.includes('acct') ? ['by(acct, type)'] : []), ...(counted.includes('event_id') ? ['by(event_id == id)'] : []), ...(rule.on.includes('label') ? ['by(id == event_id)'] : []));
  return fc.oneof(...omitted, ...omitted, ...omitted, ...omitted, ...named, ...pair, fc.constant('by()'), builtIn);
}

const spans: Text = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom('last', 'before'), fc.constantFrom(...spanTexts)).map(([name, span]) => `${name}("${span}")`) },
  { weight: 2, arbitrary: fc.constantFrom('between("10s", "5s")', 'between("2s", "1s")', 'between("1m", "1s")', 'between("5s", "1ms")', 'between("5s", "0s")') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 }).map((count) => `lastEvents(${count})`) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('day', 'week', 'month', 'year'), fc.option(fc.constantFrom(...zones))).map(([unit, zone]) => `since("${unit}"${zone === null ? '' : `, "${zone}"`})`) },
);

function aggregates(type: ExpressionType, inner: ExpressionScope, depth: number): Text | undefined {
  const nested = Math.min(1, depth - 1);
  const of = (argument: ExpressionType, ...names: readonly string[]): Text => fc.tuple(fc.constantFrom(...names), arbExpression(argument, inner, nested)).map(([name, text]) => `${name}(${text})`);
  const counts = [fc.constant('count()'), of('bool', 'count'), of('string', 'distinct'), of('exact', 'distinct')];
  switch (type) {
    case 'exact': return fc.oneof(...counts, ...counts, of('exact', 'sum', 'min', 'max', 'first', 'latest'), of('exact', 'sum'));
    case 'number': return fc.oneof(of('exact', 'avg'), of('bool', 'share'), of('exact', 'sum'), fc.constant('count()'));
    case 'double': return inner.types.includes('payment')
      ? fc.oneof(of('exact', 'stddev'), of('double', 'sum', 'avg', 'stddev', 'min', 'max', 'latest'))
      : of('exact', 'stddev');
    case 'bool': return fc.oneof(of('bool', 'exists'));
    case 'string': return of('string', 'first', 'latest');
    case 'timestamp': return of('timestamp', 'first', 'latest', 'min', 'max');
    case 'geo': return inner.types.every((one) => fieldsOf(one).includes('place')) ? of('geo', 'first', 'latest') : undefined;
    case 'duration': return undefined;
  }
}

function firstSeen({ on }: NonNullable<ExpressionScope['rule']>): readonly Text[] {
  const names = fieldsFor('string', on).filter((name) => name !== 'id' && on.every((type) => fieldsOf(type).some((field) => field === name)));
  return names.length === 0 ? [] : [fc.tuple(fc.constantFrom(...names), fc.constantFrom(...spanTexts)).map(([name, span]) => `first_seen(${name}, "${span}")`)];
}
