import type { SourceSpan } from '@weir/contracts';
import type { EventSchema } from '../schema/event-schema.js';
import type { DiagnosticList } from '../source/diagnostic-list.js';
import { spanOf, type SourceText, type TextRange } from '../source/source-text.js';
import { fileRange, type YamlScalar } from '../source/yaml-tree.js';
import type { Contiguity, TypedExpr } from './typed-rule.js';
import type { WrittenOut } from './written-out.js';

/** What the log keeps unless a pipeline says otherwise. */
export const DEFAULT_RETENTION_MS = 35 * 86_400_000;

/** A step's head, known before any condition is checked. */
export interface StepHead {
  readonly name: string;
  readonly contiguity: Contiguity;
  readonly isNegative: boolean;
  readonly on: readonly string[];
  readonly times: { readonly from: number; readonly to: number | null };
}

/** What is known of the rule under check, and what its expressions turn out to use. One for each compilation. */
export interface RuleContext {
  readonly schema: EventSchema;
  readonly source: SourceText;
  readonly found: DiagnosticList;
  readonly on: readonly string[];
  readonly by: readonly string[];
  readonly retentionMs: number;
  readonly lists?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
  /** All `let` names in order. */
  readonly letNames: readonly string[];
  /** `let`s checked so far; undefined: it has errors, which were told. */
  readonly lets: Map<string, TypedExpr | undefined>;
  /** Sizes of the `let`s checked so far, those they name written out. */
  readonly letSizes: Map<string, WrittenOut>;
  readonly steps: readonly StepHead[];
  /** Event types that any part of the rule looks at. */
  readonly usedTypes: Set<string>;
  /** `type.field` -> declared type, as it enters the rule's version. */
  readonly usedFields: Map<string, string>;
  readonly usedLists: Set<string>;
  readonly windowIds: Set<string>;
}

/**
 * What a bare name means.
 * `event`: a field of the event evaluated (or of a step's candidate); `counted`: of the event that a window counts;
 * `taken`: of an event that a step took; `having`: only the rule's key fields and `let`s.
 */
export interface Scope {
  readonly kind: 'event' | 'counted' | 'taken' | 'having';
  readonly types: readonly string[];
  /** Steps before this index may be looked at; -1: none (a `let`). Undefined: the rule has no steps. */
  readonly step?: number | undefined;
}

/** An expression's text in the file. */
export class ExpressionText {
  constructor(private readonly source: SourceText, readonly scalar: YamlScalar) {}

  get text(): string {
    return this.scalar.text;
  }

  range(part: TextRange): TextRange {
    return fileRange(this.scalar, part);
  }

  base(part: TextRange): { text: string; span: SourceSpan } {
    return { text: this.scalar.text.slice(part.start, part.end), span: spanOf(this.source, this.range(part)) };
  }
}

/** Remembers which declared fields the rule's meaning depends on. */
export function noteField(context: RuleContext, name: string, declared: readonly { readonly eventType: string; readonly spec: { readonly type: string; readonly scale: number } }[]): void {
  for (const { eventType, spec } of declared) context.usedFields.set(`${eventType}.${name}`, spec.type === 'decimal' ? `decimal(${spec.scale})` : spec.type);
}
