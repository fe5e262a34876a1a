export type {
  ValueType, LiteralValue, CompareOperator, ArithmeticOperator, FieldRef, PreviousRef, StepRef, StepAggregate, LetRef, CallName, WindowSpan, AggregateFn,
  WindowSource, WindowAggregate, TypedExpr, TypedExprOf, ReasonPart, TypedLet, Contiguity, TypedStep, AfterMatch, TypedBody, ExpectedAlert, RuleTestEvent,
  RuleTest, PortabilityClass, TypedRule,
} from './check/typed-rule.js';
export type { FieldType, FieldSpec, EventTypeSpec, EventSchema } from './schema/event-schema.js';
