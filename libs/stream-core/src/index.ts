export type { LogReader, LogWriter, CheckpointStore } from './log/ports.js';
export { checkPattern } from './cep/pattern.js';
export type {
  AfterMatchStrategy, Condition, InnerContiguity, MatchView, Pattern, PatternProblem, PatternProblemCode, Repetition, SingleStage, Stage, StageContiguity, StageGroup,
} from './cep/pattern.js';
export { compilePattern } from './cep/automaton.js';
export type { Automaton, CompileOptions, CompileResult, Edge, State } from './cep/automaton.js';
export { openEdges, proceedTo, type OpenEdge } from './cep/stepping.js';
export { PartialMatchQueue } from './cep/partial-match-queue.js';
export { Matcher, SkipError } from './cep/matcher.js';
export type { AdvanceResult, Match, MatcherSnapshot, TimedOut } from './cep/matcher.js';
export { ReorderBuffer } from './time/reorder-buffer.js';
export { emptyKey, KeyInterner, unknownKey } from './state/key-interner.js';
export { KeyRows, setExact } from './state/key-rows.js';
export { PairCounts } from './state/pair-counts.js';
export { ByteLog } from './state/byte-log.js';
export { doubleUnitExponent, inDoubleUnits, nearestDouble } from './state/exact-double.js';
export { SharedLog } from './window/shared-log.js';
export type { ChainHeads, EventNumber, SharedLogShape } from './window/shared-log.js';
export { TailCursor } from './window/tail-cursor.js';
export { EventQueues } from './window/event-queues.js';
export type { QueueKind } from './window/event-queues.js';
export { Count, Distinct, DoubleSum, ExactSum, Extreme } from './window/accumulators.js';
export type { Accumulator, PickedColumn, Place, Scratch } from './window/accumulators.js';
export { crc32 } from './checkpoint/crc32.js';
export { checkpointVersion, readCheckpoint, writeCheckpoint } from './checkpoint/block-file.js';
export type { Block, BlockData, Checkpoint, CheckpointReading, CheckpointRefusal } from './checkpoint/block-file.js';
