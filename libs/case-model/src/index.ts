export { severityRank, slaDueAt, graver } from './severity.js';
export { urgentBeforeMs, compareQueueEntries, queueOrderSql, queueOrderOfOneUrgencySql, takeNextReason, type QueueEntry } from './queue-order.js';
export { subjectOf, maskedValue, type Subject } from './subject.js';
export { groupAlert, reopenWithinMs, type CaseOfSubject, type Grouping } from './grouping.js';
export { moveCase, closesByItself, statusAfterWork, type MoveResult, type MoveRefusal } from './case-status.js';
export { defaultUndoMs, labelContent, undoDisposition, type LabelContent, type DecidedAlert, type UndoResult } from './disposition.js';
export { leaseMs, restAfterReleaseMs, holderAt, mayClaim, type Holding } from './claim.js';
