/**
 * Every code that a finding can have. Codes are stable: tools and people search for them.
 * Each has a test with its exact message and position in `diagnostic-codes.spec.ts`.
 */
export const diagnosticCodes = [
  // the file
  'file-too-large', 'yaml-syntax', 'yaml-tag', 'yaml-anchor', 'yaml-duplicate-key', 'yaml-several-documents', 'yaml-directive', 'yaml-too-deep',
  'wrong-shape', 'unknown-key', 'missing-key', 'bad-value', 'rule-kind', 'rule-file-name',
  // names
  'bad-name', 'reserved-name', 'duplicate-name', 'unknown-field', 'ambiguous-field', 'unknown-type', 'unknown-function', 'unknown-name', 'unknown-step', 'unknown-list', 'unknown-model',
  // expressions
  'syntax', 'not-in-language', 'too-deep', 'too-large', 'number-too-long', 'wrong-arguments', 'bad-span', 'bad-timestamp', 'bad-zone', 'bad-pattern',
  'type-mismatch', 'literal-too-fine', 'unreachable', 'not-a-value',
  // windows
  'no-aggregate', 'no-span', 'twice-in-window', 'of-missing', 'where-looks-outside', 'fraction-in-aggregate', 'window-too-long', 'too-many-windows', 'not-in-having', 'bad-key', 'built-in-key',
  // sequences
  'within-missing', 'negative-first', 'begin-misplaced', 'absence-without-within', 'absence-after-open-times', 'not-next-last', 'negative-step-key', 'bad-times', 'needs-times', 'needs-open-times',
  'contiguity-conflict', 'negative-after-optional', 'optional-after-greedy', 'step-type', 'step-not-earlier', 'step-has-no-events',
  // window rules
  'bad-window',
  // reason
  'bad-reason',
  // tests
  'bad-test-value', 'unknown-event', 'bad-expectation',
  // warnings
  'no-key', 'several-currencies', 'test-reaches-nothing', 'double-not-needed', 'test-value-refused', 'unused-list',
  // the schema
  'bad-version', 'bad-schema',
] as const;

export type DiagnosticCode = (typeof diagnosticCodes)[number];
