export type { LogReader, LogWriter, CheckpointStore } from './log/ports.js';
export { checkPattern } from './cep/pattern.js';
export type {
  AfterMatchStrategy, Condition, InnerContiguity, MatchView, Pattern, PatternProblem, PatternProblemCode, Repetition, SingleStage, Stage, StageContiguity, StageGroup,
} from './cep/pattern.js';
export { compilePattern } from './cep/automaton.js';
export type { Automaton, CompileResult } from './cep/automaton.js';
export { Matcher, SkipError } from './cep/matcher.js';
export type { AdvanceResult, Match, MatcherSnapshot, TimedOut } from './cep/matcher.js';
export { ReorderBuffer } from './time/reorder-buffer.js';
