/** The event types, parsed from `rules/schema.yaml` (rule-language §8): once for ingester, rules and desk. */
export type FieldType = 'bool' | 'string' | 'int' | 'decimal' | 'double' | 'timestamp' | 'geo';
export interface FieldSpec {
  readonly name: string;
  readonly type: FieldType;
  readonly required: boolean;
  /** Decimals: most decimals a value may have; 0 elsewhere. */
  readonly scale: number;
  /** RE2 source that strings must match, whole. */
  readonly pattern?: string | undefined;
  readonly pii: boolean;
  /** Decimals that are money: the name of the currency field, or a fixed code. */
  readonly currency?: { readonly field: string } | { readonly code: string } | undefined;
}
export interface EventTypeSpec {
  readonly name: string;
  readonly late: 'drop' | 'restamp';
  /** In declared order; `id`, `type`, `ts` are not listed. */
  readonly fields: readonly FieldSpec[];
}
export interface EventSchema {
  readonly version: number;
  readonly currency?: string | undefined;
  readonly types: readonly EventTypeSpec[];
  /** First 16 hex digits of SHA-256 of the canonical form. */
  readonly hash: string;
}
