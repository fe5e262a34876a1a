export type {
  ValueType, LiteralValue, CompareOperator, ArithmeticOperator, FieldRef, PreviousRef, StepRef, StepAggregate, LetRef, CallName, WindowSpan, AggregateFn,
  WindowSource, WindowAggregate, TypedExpr, TypedExprOf, ReasonPart, TypedLet, Contiguity, TypedStep, AfterMatch, TypedBody, ExpectedAlert, RuleTestEvent,
  RuleTest, PortabilityClass, TypedRule,
} from './check/typed-rule.js';
export type { FieldType, FieldSpec, EventTypeSpec, EventSchema } from './schema/event-schema.js';
export { parseSchema, type ParsedSchema } from './schema/parse-schema.js';
export { sha256Hex } from './schema/sha256.js';
export { isBuiltInField } from './source/reserved-words.js';
export { nearest as nearestName } from './source/did-you-mean.js';
export { canonicalDecimal } from './schema/decimal-text.js';
export { parseSpanMs, formatSpanMs } from './schema/time-span.js';
export { parseTimestampMs } from './schema/timestamp-text.js';
export { geoUnitVector } from './schema/geo-unit-vector.js';
export { diagnosticCodes, type DiagnosticCode } from './source/diagnostic-codes.js';
export { compileRule, type CompileOptions, type CompiledRule } from './check/compile-rule.js';
export { DEFAULT_RETENTION_MS } from './check/rule-context.js';
export { typeExpression, type TypedExpression } from './check/type-expression.js';
export { canonicalText } from './check/canonical-text.js';
export { partsOf, walkTyped } from './check/walk-typed.js';
export { parseExpression, type Parsed } from './syntax/parser.js';
export { printExpression } from './syntax/print-syntax.js';
export type { Syntax, SyntaxOf } from './syntax/syntax-tree.js';
export type { SyntaxFault } from './syntax/lexer.js';
export { completeAt, type Completion, type Completions, type CompletionContext } from './complete/complete-at.js';
export { aggregateMeanings, functionMeanings, methodMeanings, windowMeanings, type WordMeaning } from './complete/word-meanings.js';
export { replaceValue, replaceLiteral, editableLiterals, type EditableLiteral, type EditResult, type RulePath } from './rule-file/edit-rule.js';
