import type { Alert, FieldValue, LogEntry } from '@weir/contracts';
import { compileRule, parseExpression, parseTimestampMs, printExpression, typeExpression } from '@weir/rule-lang';
import type { EventSchema, EventTypeSpec, FieldSpec, Syntax, TypedExpr, TypedRule, ValueType } from '@weir/rule-lang';
import { createEngine } from '../engine-embedded.js';
import { defaultEngineOptions } from '../engine.js';
import type { EngineDefinition, RuleEngine } from '../engine.js';
import { createInterpreter } from '../interpret/interpreter.js';
import type { CelTest, CelValue } from './cel-tests.js';
import { playAll } from './same-alerts.js';

/**
 * How a test's expression is put to the engines. `written`: as it stands. `fields`, `doubles`: its literals moved into fields of
 * the event (decimals as decimals, or as doubles), so that columns and generated code compute what the checker would fold.
 */
type CelVariant = 'written' | 'fields' | 'doubles';

/** What the rule language makes of a test. `refused`: the front end says no, with the code of its first finding. */
export type CelAnswer = { readonly kind: 'refused'; readonly code: string; readonly message: string } | { readonly kind: 'equal' | 'other' | 'unknown' };

/** What became of one conformance test. */
export interface CelOutcome {
  readonly test: CelTest;
  readonly answers: ReadonlyMap<CelVariant, CelAnswer>;
  /** Every variant gives CEL's answer: the value, or for an error a refusal or unknown. */
  readonly agrees: boolean;
}

interface Field { readonly name: string; readonly spec: FieldSpec; readonly value: FieldValue }
/** One question to the engines: does this expression fire on this test's event? */
interface Question { readonly ruleId: string; readonly condition: TypedExpr; readonly type: string }
interface Asked { readonly test: CelTest; readonly variant: CelVariant; readonly refused?: CelAnswer; readonly equal?: string; readonly unknown?: readonly string[] }

/**
 * Puts each test to the front end and then to three engines: the interpreter, closures, generated code. Each test has an event
 * type of its own, whose fields are the test's bindings and, in the variants, its literals.
 * Throws when two engines differ in any answer: that is no matter of CEL.
 */
export function runCelTests(tests: readonly CelTest[]): readonly CelOutcome[] {
  const outcomes: CelOutcome[] = [];
  for (let from = 0; from < tests.length; from += testsPerEngine) outcomes.push(...runTogether(tests.slice(from, from + testsPerEngine)));
  return outcomes;
}

/** Keeps the columns of one engine few: each test brings event types and fields of its own. */
const testsPerEngine = 50;

function runTogether(tests: readonly CelTest[]): readonly CelOutcome[] {
  const types: EventTypeSpec[] = [];
  const entries: LogEntry[] = [];
  const questions: Question[] = [];
  const asked: Asked[] = [];
  tests.forEach((test, index) => {
    for (const { variant, text, fields } of variantsOf(test)) {
      const type = `t${index}_${variant}`;
      const spec: EventTypeSpec = { name: type, late: 'drop', fields: [flag, ...fields.map((field) => field.spec)] };
      types.push(spec);
      entries.push({ kind: 'event', seq: entries.length + 1, ts: firstTs + entries.length, id: type, type, fields: Object.fromEntries([['probe', true], ...fields.map(({ name, value }) => [name, value] as const)]) });
      asked.push({ test, variant, ...ask(test, text, schemaOf([spec]), type, questions) });
    }
  });
  const fired = firedOn(schemaOf(types), questions, entries);
  const answers = asked.map((one) => ({ ...one, answer: answerOf(one, fired) }));
  return tests.map((test) => {
    const own = answers.filter((one) => one.test === test);
    return { test, answers: new Map(own.map(({ variant, answer }) => [variant, answer])), agrees: own.every(({ answer }) => isCelsAnswer(test, answer)) };
  });
}

function isCelsAnswer(test: CelTest, answer: CelAnswer): boolean {
  return test.expected.kind === 'error' ? answer.kind === 'refused' || answer.kind === 'unknown' : answer.kind === 'equal';
}

const firstTs = Date.parse('2026-01-05T00:00:00Z');
const flag: FieldSpec = { name: 'probe', type: 'bool', required: false, scale: 0, pii: false };
function schemaOf(types: readonly EventTypeSpec[]): EventSchema { return { version: 1, types, hash: '0'.repeat(16) }; }

function answerOf({ refused, equal, unknown = [] }: Asked, fired: ReadonlySet<string>): CelAnswer {
  if (refused !== undefined) return refused;
  if (equal !== undefined && fired.has(equal)) return { kind: 'equal' };
  return { kind: unknown.length > 0 && unknown.every((id) => fired.has(id)) ? 'unknown' : 'other' };
}

/** Adds what has to be asked of a test: whether its value is CEL's, and whether it is unknown (then two defaults both show). */
function ask(test: CelTest, text: string, schema: EventSchema, type: string, questions: Question[]): Pick<Asked, 'refused' | 'equal' | 'unknown'> {
  const whole = typeExpression(text, schema, [type]);
  if (whole.expr === undefined) return { refused: refusal(whole) };
  const put = (condition: string): string => {
    const typed = typeExpression(condition, schema, [type]);
    if (typed.expr === undefined) throw new Error(`${test.id}: ${condition}: ${JSON.stringify(typed.diagnostics)}`);
    questions.push({ ruleId: `q${questions.length}`, condition: typed.expr, type });
    return `q${questions.length - 1}`;
  };
  const result = whole.expr.type;
  if (!isDeduced(test, result)) return { refused: { kind: 'refused', code: `of type ${result}`, message: `CEL deduces ${test.deducedType ?? ''}` } };
  const unknown = defaultsOf(result).map((fallback) => put(`((${text}).orValue(${fallback})) == ${fallback}`));
  if (test.expected.kind !== 'value') return { unknown };
  const { value } = test.expected;
  if (typeof value['boolValue'] === 'boolean' && result === 'bool') return { unknown, equal: put(value['boolValue'] ? text : `!(${text})`) };
  const wanted = literalOf(value, result);
  if (wanted === undefined) return { unknown };
  // A value that CEL has as a double is compared as one: the exact value of the rule language must round to it.
  return { unknown, equal: put('doubleValue' in value ? `double(${text}) == double(${wanted})` : `(${text}) == ${wanted}`) };
}

/** The checker's type against CEL's, where the test asks for it: decimals and fractions stand in for doubles. */
function isDeduced({ deducedType }: CelTest, type: ValueType): boolean {
  switch (deducedType) {
    case undefined: return true;
    case 'BOOL': return type === 'bool';
    case 'STRING': return type === 'string';
    case 'INT64': return type === 'int';
    case 'DOUBLE': return type === 'double' || type === 'decimal' || type === 'fraction';
    default: return false;
  }
}

function refusal(typed: ReturnType<typeof typeExpression>): CelAnswer {
  const [first] = typed.diagnostics;
  return { kind: 'refused', code: first?.code ?? '', message: first?.message ?? '' };
}

/** Two different values of a type. */
function defaultsOf(type: ValueType): readonly string[] {
  switch (type) {
    case 'bool': return ['true', 'false'];
    case 'string': return ['""', '"x"'];
    case 'timestamp': return ['timestamp("2001-01-01T00:00:00Z")', 'timestamp("2002-01-01T00:00:00Z")'];
    case 'duration': return ['duration("1s")', 'duration("2s")'];
    case 'double': return ['double(0)', 'double(1)'];
    default: return ['0', '1'];
  }
}

/** CEL's value as a literal of the rule language; undefined when no value of the expression's type can be it. */
function literalOf(value: CelValue, type: ValueType): string | undefined {
  const { int64Value, doubleValue, stringValue } = value;
  const isNumber = type === 'int' || type === 'decimal' || type === 'fraction' || type === 'double';
  if (typeof int64Value === 'string') return isNumber && type !== 'double' ? int64Value : undefined;
  if (typeof doubleValue === 'number') return isNumber ? exactText(doubleValue) : undefined;
  if (typeof stringValue === 'string') return type === 'string' ? JSON.stringify(stringValue).replace(/[\u007f-\uffff]/g, (unit) => unit) : undefined;
  const time = timeOf(value);
  return time !== undefined && time.type === type ? time.text : undefined;
}

/** A double in plain decimal, all its digits: `6.02e23` is too long as a literal otherwise. */
function exactText(value: number): string {
  const text = String(value);
  return /e/.test(text) ? `double("${text}")` : text;
}

function timeOf({ objectValue }: CelValue): { readonly type: 'timestamp' | 'duration'; readonly text: string; readonly value: string } | undefined {
  if (typeof objectValue !== 'object' || objectValue === null || !('@type' in objectValue) || !('value' in objectValue)) return undefined;
  const type = String(objectValue['@type']).endsWith('Timestamp') ? 'timestamp' : 'duration';
  const value = String(objectValue.value);
  return { type, value, text: `${type}(${JSON.stringify(value)})` };
}

interface VariantText { readonly variant: CelVariant; readonly text: string; readonly fields: readonly Field[] }

function variantsOf(test: CelTest): readonly VariantText[] {
  const bound = [...test.bindings].flatMap(([name, value]) => boundField(name, value) ?? []);
  const durations = [...test.bindings].flatMap(([name, value]) => { const time = timeOf(value); return time?.type === 'duration' ? [{ name, text: time.text }] : []; });
  // Events have no durations: one that is bound stands in the text.
  const expr = durations.reduce((text, { name, text: literal }) => text.replace(new RegExp(`\\b${name}\\b`, 'g'), () => literal), test.expr);
  const written: VariantText = { variant: 'written', text: expr, fields: bound };
  const parsed = parseExpression(expr);
  if (!parsed.ok) return [written];
  const variant = (name: CelVariant, decimals: 'decimal' | 'double'): VariantText => {
    const moving = new LiteralsToFields(decimals);
    return { variant: name, text: printExpression(moving.moved(parsed.tree)), fields: [...bound, ...moving.fields] };
  };
  const [fields, doubles] = [variant('fields', 'decimal'), variant('doubles', 'double')];
  if (fields.fields.length === bound.length) return [written];
  return doubles.fields.some(({ spec }) => spec.type === 'double') ? [written, fields, doubles] : [written, fields];
}

function boundField(name: string, value: CelValue): Field | undefined {
  const { int64Value, doubleValue, stringValue, boolValue } = value;
  if (['true', 'false', 'null'].includes(name)) return undefined; // the literal wins, which is what those tests are about
  if (typeof int64Value === 'string') return field(name, 'int', Number(int64Value));
  if (typeof doubleValue === 'number') return field(name, 'double', doubleValue);
  if (typeof stringValue === 'string') return field(name, 'string', stringValue);
  if (typeof boolValue === 'boolean') return field(name, 'bool', boolValue);
  const time = timeOf(value);
  const ms = time?.type === 'timestamp' ? parseTimestampMs(time.value) : undefined;
  return ms === undefined ? undefined : field(name, 'timestamp', ms);
}

function field(name: string, type: FieldSpec['type'], value: FieldValue, scale = 0): Field {
  return { name, value, spec: { name, type, scale, required: false, pii: false } };
}

/** Replaces the literals of a tree by fields, but for those that the language wants as literals: patterns, zones, times. */
class LiteralsToFields {
  readonly fields: Field[] = [];

  constructor(private readonly decimals: 'decimal' | 'double') {}

  moved(tree: Syntax): Syntax {
    switch (tree.kind) {
      case 'number': case 'string': case 'bool': return this.named(tree, this.fieldOf(tree));
      case 'unary': return { ...tree, operand: this.moved(tree.operand) };
      case 'binary': return tree.operator === 'in' && tree.right.kind === 'list'
        ? { ...tree, left: this.moved(tree.left), right: { ...tree.right, items: tree.right.items.map((item) => this.moved(item)) } }
        : { ...tree, left: this.moved(tree.left), right: this.moved(tree.right) };
      case 'conditional': return { ...tree, condition: this.moved(tree.condition), then: this.moved(tree.then), otherwise: this.moved(tree.otherwise) };
      case 'call': return this.movedCall(tree);
      default: return tree;
    }
  }

  private movedCall(tree: Extract<Syntax, { kind: 'call' }>): Syntax {
    const target = tree.target === undefined ? {} : { target: this.moved(tree.target) };
    const keeps = ['timestamp', 'duration', 'matches', 'size'].includes(tree.name) || tree.name.startsWith('get');
    return { ...tree, ...target, args: keeps ? tree.args : tree.args.map((arg) => this.moved(arg)) };
  }

  private named(tree: Syntax, made: Field | undefined): Syntax {
    if (made === undefined) return tree;
    this.fields.push(made);
    return { kind: 'name', name: made.name, start: tree.start, end: tree.end };
  }

  private fieldOf(tree: Extract<Syntax, { kind: 'number' | 'string' | 'bool' }>): Field | undefined {
    const name = `v${this.fields.length}`;
    switch (tree.kind) {
      case 'bool': return field(name, 'bool', tree.value);
      case 'string': return field(name, 'string', tree.value);
      case 'number': {
        if ((tree.unscaled < 0n ? -tree.unscaled : tree.unscaled) >= 2n ** 53n) return undefined; // no field holds it
        if (tree.isInt) return field(name, 'int', Number(tree.unscaled));
        return this.decimals === 'double'
          ? field(name, 'double', Number(`${tree.unscaled}e-${tree.scale}`))
          : field(name, 'decimal', decimalText(tree.unscaled, tree.scale), tree.scale);
      }
    }
  }
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
}

/** Ids of the questions that fired, by all three engines. */
function firedOn(schema: EventSchema, questions: readonly Question[], entries: readonly LogEntry[]): ReadonlySet<string> {
  const { rule } = compileRule('rule: question\non: probed\nwhen: probe\n', 'question.yaml', { schema: schemaOf([{ name: 'probed', late: 'drop', fields: [flag] }]) });
  if (rule === undefined) throw new Error('the frame of the questions is no rule');
  const rules = questions.map(({ ruleId, condition, type }): EngineDefinition['rules'][number] => ({ mode: 'live', rule: { ...rule, id: ruleId, on: [type], body: { kind: 'when', condition } } satisfies TypedRule }));
  const definition: EngineDefinition = { schema, rules, options: { ...defaultEngineOptions, evidence: 'none' } };
  const firedOf = (engine: RuleEngine): readonly string[] => playAll(engine, entries).map((alert: Alert) => alert.rule).sort();
  const [oracle, ...others] = [createInterpreter(definition), createEngine(definition), createEngine({ ...definition, options: { ...definition.options, codegen: false } })].map(firedOf);
  if (oracle === undefined || others.some((fired) => JSON.stringify(fired) !== JSON.stringify(oracle))) throw new Error(`the engines differ: ${JSON.stringify(others.map((fired) => [...(oracle ?? []).filter((id) => !fired.includes(id)), ...fired.filter((id) => oracle?.includes(id) !== true)]))}`);
  return new Set(oracle);
}
