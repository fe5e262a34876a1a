/**
 * The typed tree: what the front end hands to every back end (interpreter, embedded compiler, Flink SQL).
 *
 * Everything is resolved: names to fields, `let`s or steps; what a window leaves out is filled in from the rule;
 * sugar is gone (`count(c)` = `where(c).count()`, `first_seen(x, s)` = a count compared with 0).
 * Plain immutable data, JSON-serialisable but for `bigint` in literals.
 */
import type { Action, Severity, SourceSpan } from '@weir/contracts';

/** `int` and `decimal` are exact; `fraction` is an exact quotient (of `/`, `avg`, `share`); `duration` is exact ms, perhaps a fraction. */
export type ValueType = 'bool' | 'string' | 'int' | 'decimal' | 'fraction' | 'double' | 'timestamp' | 'duration' | 'geo' | 'list';

/** A literal. Exact numbers are `unscaled / 10^scale`; durations and timestamps are in ms. */
export type LiteralValue =
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int' | 'decimal'; readonly unscaled: bigint; readonly scale: number }
  | { readonly type: 'duration' | 'timestamp'; readonly ms: number };

interface NodeBase {
  readonly type: ValueType;
  /** Source text of the node, as written in the file. */
  readonly text: string;
  readonly span: SourceSpan;
}

export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

/** A declared field of an event; `id`, `type`, `ts` are fields of every event. */
export interface FieldRef extends NodeBase { readonly kind: 'field'; readonly name: string; /** decimals: declared scale; int: 0 */ readonly scale?: number | undefined }
/** `previous.x`: field of the event just before this one in (ts, seq), of the rule's types and key, within the retention. */
export interface PreviousRef extends NodeBase { readonly kind: 'previous'; readonly name: string; readonly scale?: number | undefined }
/** `step.x`, `step.first.x` of a sequence: the last (first) event taken by an earlier positive step. */
export interface StepRef extends NodeBase { readonly kind: 'step'; readonly step: string; readonly which: 'first' | 'last'; readonly name: string; readonly scale?: number | undefined }
/** `step.count()`, `step.sum(x)`, ... over the events a step has taken so far. */
export interface StepAggregate extends NodeBase { readonly kind: 'stepAggregate'; readonly step: string; readonly fn: 'count' | 'sum' | 'avg' | 'min' | 'max'; readonly argument?: TypedExpr | undefined }
export interface LetRef extends NodeBase { readonly kind: 'let'; readonly name: string }

export type CallName =
  | 'size' | 'contains' | 'startsWith' | 'endsWith' | 'matches' | 'lowerAscii'
  | 'abs' | 'min' | 'max' | 'double' | 'distance_km'
  /**
   * CEL's getters. Of a duration (getHours, getMinutes, getSeconds, getMilliseconds; one argument): the whole number of hours, minutes or
   * seconds in it, or the milliseconds beyond its whole seconds; cut toward zero. Of a timestamp; args: timestamp, optional literal zone (`UTC`, IANA name or offset `+02:00`). Values as in CEL (month and day of year from 0, getDayOfWeek 0 = Sunday, getDate from 1).
   */
  | 'getFullYear' | 'getMonth' | 'getDate' | 'getDayOfMonth' | 'getDayOfWeek' | 'getDayOfYear' | 'getHours' | 'getMinutes' | 'getSeconds' | 'getMilliseconds';

export type WindowSpan =
  | { readonly kind: 'last'; readonly ms: number }
  | { readonly kind: 'before'; readonly ms: number }
  /** (t - fromMs, t - toMs] with fromMs > toMs. */
  | { readonly kind: 'between'; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: 'since'; readonly unit: 'day' | 'week' | 'month' | 'year'; readonly zone: string }
  | { readonly kind: 'lastEvents'; readonly count: number }
  /** In `having` of a window rule: the rule's own window. */
  | { readonly kind: 'rule' };

export type AggregateFn = 'count' | 'sum' | 'avg' | 'min' | 'max' | 'stddev' | 'distinct' | 'first' | 'latest' | 'share' | 'exists';

/** Which events a window counts: types and key, before `where`. Same `id`, same events: back ends share state by it. */
export interface WindowSource {
  /** Sorted. */
  readonly types: readonly string[];
  /** Sorted by `counted`. Equal names unless written `by(a == b)`. Empty: over everything. */
  readonly key: readonly { readonly counted: string; readonly triggering: string }[];
  readonly span: WindowSpan;
}

/** `last("10m").where(c).sum(x)`. Inside `where` and `argument`, FieldRefs mean the counted event. */
export interface WindowAggregate extends NodeBase {
  readonly kind: 'window';
  readonly source: WindowSource;
  readonly where?: TypedExpr | undefined;
  readonly fn: AggregateFn;
  /** sum avg min max stddev distinct first latest: the value; share, exists: the condition; count: absent. */
  readonly argument?: TypedExpr | undefined;
  /** Canonical text of source, where, fn and argument: equal ids are the same value, also across rules. */
  readonly id: string;
}

export type TypedExpr =
  | (NodeBase & { readonly kind: 'literal'; readonly value: LiteralValue })
  | (NodeBase & { readonly kind: 'listLiteral'; readonly items: readonly TypedExpr[] })
  | FieldRef | PreviousRef | StepRef | StepAggregate | LetRef
  | (NodeBase & { readonly kind: 'not'; readonly operand: TypedExpr })
  | (NodeBase & { readonly kind: 'negate'; readonly operand: TypedExpr })
  /** n-ary is not made: `a && b && c` is and(and(a, b), c), as parsed. */
  | (NodeBase & { readonly kind: 'and' | 'or'; readonly left: TypedExpr; readonly right: TypedExpr })
  | (NodeBase & { readonly kind: 'compare'; readonly operator: CompareOperator; readonly left: TypedExpr; readonly right: TypedExpr })
  /** Also joins texts: `+` of type string. Of type timestamp or duration as rule-language §2 says. */
  | (NodeBase & { readonly kind: 'arithmetic'; readonly operator: ArithmeticOperator; readonly left: TypedExpr; readonly right: TypedExpr })
  /** `x in [a, b]`: Kleene `x == a || x == b`. */
  | (NodeBase & { readonly kind: 'in'; readonly operand: TypedExpr; readonly items: readonly TypedExpr[] })
  /** `x in list("name")`: unknown only when x is. */
  | (NodeBase & { readonly kind: 'inList'; readonly operand: TypedExpr; readonly list: string })
  | (NodeBase & { readonly kind: 'conditional'; readonly condition: TypedExpr; readonly then: TypedExpr; readonly otherwise: TypedExpr })
  | (NodeBase & { readonly kind: 'has'; readonly target: FieldRef | PreviousRef | StepRef })
  | (NodeBase & { readonly kind: 'orValue'; readonly operand: TypedExpr; readonly fallback: TypedExpr })
  | (NodeBase & { readonly kind: 'call'; readonly fn: CallName; readonly args: readonly TypedExpr[] })
  /** Score by the pinned version of a model; unknown if there is none. */
  | (NodeBase & { readonly kind: 'model'; readonly name: string })
  | WindowAggregate;

export type TypedExprOf<K extends TypedExpr['kind']> = Extract<TypedExpr, { kind: K }>;

/** `{name}` in `reason`: literal text, or a field, `let`, `step.field`, `step.count`. */
export type ReasonPart = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'value'; readonly name: string; readonly expr: TypedExpr };

export interface TypedLet { readonly name: string; readonly expr: TypedExpr }

export type Contiguity = 'begin' | 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy';
export interface TypedStep {
  readonly name: string;
  readonly contiguity: Contiguity;
  readonly on: readonly string[];
  readonly where?: TypedExpr | undefined;
  readonly times: { readonly from: number; readonly to: number | null };
  readonly optional: boolean;
  readonly greedy: boolean;
  readonly inner: 'relaxed' | 'strict' | 'combinations';
  /** Looked at for every event that the sequence sees, whatever its type. */
  readonly until?: TypedExpr | undefined;
  readonly withinMs?: number | undefined;
  readonly span: SourceSpan;
}
export type AfterMatch =
  | { readonly kind: 'eachEnd' | 'noSkip' | 'skipToNext' | 'skipPastLastEvent' }
  | { readonly kind: 'skipToFirst' | 'skipToLast'; readonly step: string };

export type TypedBody =
  | { readonly kind: 'when'; readonly condition: TypedExpr }
  | { readonly kind: 'sequence'; readonly withinMs?: number | undefined; readonly steps: readonly TypedStep[]; readonly afterMatch: AfterMatch }
  | { readonly kind: 'window'; readonly window: { readonly kind: 'tumble'; readonly sizeMs: number } | { readonly kind: 'hop'; readonly sizeMs: number; readonly everyMs: number } | { readonly kind: 'session'; readonly gapMs: number }; readonly having: TypedExpr };

/** An expected alert of a rule test. Offsets are resolved to epoch ms. */
export type ExpectedAlert = { readonly event: string; readonly atTs?: number | undefined } | { readonly key: readonly string[]; readonly endTs: number };
/** An event of a rule test; `fields` values are FieldValue texts by the declared type (decimals canonical). seq = list position + 1. */
export interface RuleTestEvent { readonly id: string; readonly type: string; readonly ts: number; readonly fields: Readonly<Record<string, import('@weir/contracts').FieldValue>> }
export interface RuleTest {
  readonly name: string;
  readonly evaluation?: 'arrival' | 'watermark' | undefined;
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly models: Readonly<Record<string, number>>;
  readonly events: readonly RuleTestEvent[];
  readonly alerts: readonly ExpectedAlert[];
  readonly span: SourceSpan;
}

/** Class E: the same alerts on Flink; R: embedded only, with the reasons. */
export interface PortabilityClass { readonly class: 'E' | 'R'; readonly reasons: readonly string[] }

export interface TypedRule {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly owner: string;
  /** Sorted as written. */
  readonly on: readonly string[];
  readonly by: readonly string[];
  readonly severity: Severity;
  readonly score: number;
  readonly action: Action;
  /** Empty when the rule has no `reason`: the title stands in. */
  readonly reason: readonly ReasonPart[];
  readonly lets: readonly TypedLet[];
  readonly body: TypedBody;
  readonly tests: readonly RuleTest[];
  /** Canonical text of the meaning; `version` = first 16 hex digits of its SHA-256. */
  readonly canonical: string;
  readonly version: string;
  readonly portability: PortabilityClass;
  /** True: looks at nothing but the event itself and lists, so late events are evaluated too. */
  readonly isStateless: boolean;
  /** How far back the rule looks, ms: longest window (the retention for `previous` and `lastEvents`), plus `within` of a sequence or the size of a rule window; at most the retention; 0 when stateless. */
  readonly longestSpanMs: number;
  readonly file: string;
  readonly source: string;
}
