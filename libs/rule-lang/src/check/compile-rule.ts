import type { Diagnostic } from '@weir/contracts';
import { ruleKeys } from '../rule-file/rule-keys.js';
import type { EventSchema } from '../schema/event-schema.js';
import { fieldMeanings } from '../schema/schema-lookup.js';
import { DiagnosticList } from '../source/diagnostic-list.js';
import { isIdentifier, isReserved } from '../source/reserved-words.js';
import { sourceText, type TextRange } from '../source/source-text.js';
import { entryOf, expectMap, refuseUnknownKeys } from '../source/yaml-shape.js';
import { readYaml, type YamlMap, type YamlScalar } from '../source/yaml-tree.js';
import { checkExpression } from './check-expression.js';
import { checkHeader, type RuleHeader } from './check-header.js';
import { checkReason } from './check-reason.js';
import { checkSequence, tellLongSpan } from './check-sequence.js';
import { readRuleWindow } from './check-window-rule.js';
import { portabilityOf } from './portability.js';
import { readSequence, type SequenceHead } from './read-sequence.js';
import { readTests } from './read-tests.js';
import { DEFAULT_RETENTION_MS, type RuleContext, type Scope } from './rule-context.js';
import { canonicalRule, isStateless, longestSpanMs, versionOf } from './rule-meaning.js';
import type { TypedBody, TypedExpr, TypedLet, TypedRule } from './typed-rule.js';
import { tellUnreachable } from './unreachable.js';
import { warnCurrencies } from './warn-currencies.js';
import { warnDoubles } from './warn-doubles.js';
import { writtenOut } from './written-out.js';

export interface CompileOptions {
  readonly schema: EventSchema;
  /** What the log keeps, ms; default 35 days. Longer windows are refused. */
  readonly retentionMs?: number | undefined;
  /** Names of the lists that exist; when given, others are refused. */
  readonly lists?: readonly string[] | undefined;
  /** Names of the models that exist; when given, others are refused. */
  readonly models?: readonly string[] | undefined;
}

export interface CompiledRule {
  /** Absent when there is any error. */
  readonly rule?: TypedRule;
  readonly diagnostics: Diagnostic[];
}

const LARGEST_FILE = 65_536;

/**
 * Checks the text of one rule file and types it (rule-language §1-§10). Never throws; all errors of the file at once, in order
 * of position. Time and memory are bounded: 64 KB of text, 256 nodes deep, 64 windows.
 *
 * @param file used in the findings; when it ends in `.yaml` or `.yml` its name must be the rule's.
 */
export function compileRule(text: string, file: string, options: CompileOptions): CompiledRule {
  const source = sourceText(text, file);
  const found = new DiagnosticList(source);
  if (text.length > LARGEST_FILE || new TextEncoder().encode(text).length > LARGEST_FILE) {
    found.error('file-too-large', { start: 0, end: 0 }, 'a rule file has 64 KB at most');
    return { diagnostics: found.all() };
  }
  const root = readYaml(source, found);
  if (root === undefined) {
    if (!found.hasErrors) found.error('missing-key', { start: 0, end: 0 }, 'the file is empty', { hint: 'a rule begins with `rule: name`' });
    return { diagnostics: found.all() };
  }
  const map = expectMap(root, 'a rule', found);
  const rule = map === undefined ? undefined : new RuleCompilation(map, { text, file, options, source, found }).run();
  return rule === undefined || found.hasErrors ? { diagnostics: found.all() } : { rule, diagnostics: found.all() };
}

interface CompilationInput {
  readonly text: string;
  readonly file: string;
  readonly options: CompileOptions;
  readonly source: ReturnType<typeof sourceText>;
  readonly found: DiagnosticList;
}

class RuleCompilation {
  private readonly header: RuleHeader;
  private readonly sequence: SequenceHead | undefined;
  private readonly context: RuleContext;
  private readonly kind: TypedBody['kind'] | undefined;
  private readonly letEntries: readonly { readonly key: YamlScalar; readonly value: YamlMap['entries'][number]['value'] }[];

  constructor(private readonly map: YamlMap, private readonly input: CompilationInput) {
    const { found, options, source, file } = input;
    refuseUnknownKeys(map, Object.keys(ruleKeys), 'a rule', found);
    this.header = checkHeader(map, file, options.schema, found);
    this.kind = this.readKind();
    const letEntry = entryOf(map, 'let');
    this.letEntries = letEntry === undefined || isEmpty(letEntry.value) ? [] : (expectMap(letEntry.value, '`let`', found, 'name: expression')?.entries ?? []);
    const sequenceEntry = entryOf(map, 'sequence');
    const { on, by } = this.header;
    this.sequence = sequenceEntry === undefined ? undefined : readSequence(sequenceEntry.key, sequenceEntry.value, { schema: options.schema, on, found });
    this.context = {
      schema: options.schema, source, found, on, by,
      retentionMs: options.retentionMs ?? DEFAULT_RETENTION_MS, lists: options.lists, models: options.models,
      letNames: this.letEntries.map(({ key }) => key.text), lets: new Map(), letSizes: new Map(), steps: this.sequence?.steps ?? [],
      usedTypes: new Set(on), usedFields: new Map(), usedLists: new Set(), windowIds: new Set(),
    };
    for (const name of by) for (const { declared } of fieldMeanings(options.schema, on, name)) for (const { eventType, spec } of declared) this.context.usedFields.set(`${eventType}.${name}`, spec.type === 'decimal' ? `decimal(${spec.scale})` : spec.type);
  }

  run(): TypedRule | undefined {
    const { context, header, input } = this;
    if (header.on.length === 0) return undefined; // told; without events no name has a meaning
    const lets = this.checkLets();
    const body = this.checkBody();
    this.checkNames();
    const reasonEntry = entryOf(this.map, 'reason');
    const aside: RuleContext = { ...context, usedFields: new Map() }; // a field that only the sentence shows is no part of the meaning
    const reason = reasonEntry === undefined ? [] : checkReason(aside, reasonEntry.value, { ...this.scope(), step: this.sequence === undefined ? undefined : context.steps.length });
    const testsEntry = entryOf(this.map, 'tests');
    const tests = testsEntry === undefined || isEmpty(testsEntry.value) ? [] : readTests(testsEntry.value, { source: context.source, schema: context.schema, found: context.found, on: header.on, by: header.by, isWindowRule: this.kind === 'window', usedLists: context.usedLists });
    if (body === undefined || context.found.hasErrors) return undefined;
    tellUnreachable(lets, body, context);
    warnCurrencies(lets, body, context);
    warnDoubles(lets, body, context);
    const canonical = canonicalRule({ ...header, lets, body, usedFields: context.usedFields });
    return {
      ...header, reason, lets, body, tests, canonical, version: versionOf(canonical),
      portability: portabilityOf(lets, body), isStateless: isStateless(lets, body), longestSpanMs: longestSpanMs(lets, body, context.retentionMs),
      file: input.file, source: input.text,
    };
  }

  private readKind(): TypedBody['kind'] | undefined {
    const present = (['when', 'sequence', 'window'] as const).flatMap((kind) => entryOf(this.map, kind) ?? []);
    const [first, second] = present;
    const having = entryOf(this.map, 'having');
    if (first === undefined) this.input.found.error('rule-kind', { start: this.map.start, end: this.map.start }, 'a rule has one of `when`, `sequence`, `window`');
    else if (second !== undefined) this.input.found.error('rule-kind', second.key, `a rule has one of \`when\`, \`sequence\`, \`window\`, and this one has \`${first.key.text}\` already`);
    if (first?.key.text === 'window' && having === undefined) this.input.found.error('missing-key', first.key, 'a window rule has the key `having`');
    if (having !== undefined && entryOf(this.map, 'window') === undefined) this.input.found.error('unknown-key', having.key, '`having` belongs to a window rule', { hint: 'the condition of other rules is `when`' });
    switch (first?.key.text) {
      case 'when': case 'sequence': case 'window': return first.key.text;
      default: return undefined;
    }
  }

  private scope(): Scope {
    return { kind: this.kind === 'window' ? 'having' : 'event', types: this.header.on };
  }

  private checkLets(): readonly TypedLet[] {
    const lets: TypedLet[] = [];
    for (const { key, value } of this.letEntries) {
      const scope = { ...this.scope(), ...(this.sequence === undefined ? {} : { step: -1 }) };
      const expr = this.expression(value, `\`${key.text}\``, scope, 'any');
      this.context.lets.set(key.text, expr);
      if (expr === undefined) continue;
      this.context.letSizes.set(key.text, writtenOut(expr, this.context.letSizes));
      lets.push({ name: key.text, expr });
    }
    return lets;
  }

  private expression(node: YamlMap['entries'][number]['value'], what: string, scope: Scope, expected: 'bool' | 'any'): TypedExpr | undefined {
    if (node.kind === 'refused') return undefined;
    if (node.kind === 'scalar') return checkExpression(this.context, node, scope, what, expected);
    this.context.found.error('wrong-shape', node, `${what} is an expression, and this is a ${node.kind === 'map' ? 'map' : 'list'} of YAML`, { hint: 'put the expression in quotes or a block scalar (`|-`)' });
    return undefined;
  }

  private checkBody(): TypedBody | undefined {
    switch (this.kind) {
      case 'when': {
        const condition = this.expressionAt('when');
        return condition === undefined ? undefined : { kind: 'when', condition };
      }
      case 'window': {
        const entry = entryOf(this.map, 'window');
        const window = entry === undefined ? undefined : readRuleWindow(entry.value, this.context);
        const having = this.expressionAt('having');
        if (entry !== undefined && entryOf(this.map, 'by') === undefined) this.context.found.warn('no-key', entry.key, 'the rule has no `by`, so its windows hold the events of everyone together', { hint: 'add `by` to the rule; `by: []` says that it is meant' });
        return window === undefined || having === undefined ? undefined : { kind: 'window', window, having };
      }
      case 'sequence': {
        if (this.sequence === undefined) return undefined;
        const { withinMs, withinPlace, steps } = this.sequence;
        if (withinMs !== undefined && withinPlace !== undefined) tellLongSpan(this.context, withinPlace, withinMs, 'within');
        for (const step of steps) if (step.withinMs !== undefined) tellLongSpan(this.context, entryOf(step.node, 'within')?.value ?? step.node, step.withinMs, 'within');
        return checkSequence(this.context, this.sequence);
      }
      default: return undefined;
    }
  }

  private expressionAt(key: 'when' | 'having'): TypedExpr | undefined {
    const entry = entryOf(this.map, key);
    return entry === undefined ? undefined : this.expression(entry.value, `\`${key}\``, this.scope(), 'bool');
  }

  /** A name is one thing in a rule: a field of an event type that it looks at, a `let`, or a step. */
  private checkNames(): void {
    const { found, usedTypes, schema } = this.context;
    const taken = new Map<string, string>();
    const claim = (name: string, place: TextRange, what: string): void => {
      const [field] = fieldMeanings(schema, [...usedTypes], name);
      const other = field === undefined ? taken.get(name) : `a field of ${field.declared[0] === undefined ? 'every event' : `\`${field.declared[0].eventType}\``}`;
      if (other !== undefined) found.error('duplicate-name', place, `\`${name}\` is ${other} already`, { hint: `give the ${what} another name` });
      else taken.set(name, what === 'step' ? 'a step' : 'a `let`');
    };
    for (const { key } of this.letEntries) {
      if (!isIdentifier(key.text)) found.error('bad-name', key, `\`${key.text}\` cannot be the name of a \`let\``, { hint: 'letters, digits and _, not beginning with a digit' });
      else if (isReserved(key.text)) found.error('reserved-name', key, `\`${key.text}\` is a word of the language and cannot be the name of a \`let\``);
      else claim(key.text, key, '`let`');
    }
    for (const { name, namePlace } of this.sequence?.steps ?? []) if (isIdentifier(name) && !isReserved(name)) claim(name, namePlace, 'step');
  }
}

function isEmpty(node: { readonly kind: string; readonly text?: string }): boolean {
  return node.kind === 'scalar' && node.text === '';
}
