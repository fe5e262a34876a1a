export { EpochMs, Geo, FieldValue, SourceName, LogEvent, ListChange, ReleasedRule, RuleSetChange, Heartbeat, LogEntry, RejectCode, IngestAnswer, DeadLetter } from './event.js';
export type { Unsequenced } from './event.js';
export { Severity, Action, ExplainedValue, SourceSpan, ExplainedTurn, ExplainedNode, ContributingEvent, ExplainedWindow, ExplainedStep, Explanation, ReasonPart, TriggerEvent, Alert, Decision } from './alert.js';
export { ComparisonDistance, FailedCondition, ConditionVerdict, WindowVerdict, NextStep, SequenceProgress, RuleExplanation, ExplainEvent } from './explain.js';
export {
  AlertStatus, Disposition, CaseStatus, Priority, Money, AlertRow, ActivityItem, AlertDetail, AlertPage, DisposeAlert, AssignAlert, AddNote,
  CaseRow, CaseDetail, CasePage, ChangeCase,
} from './case.js';
export {
  Role, User, Me, Login, SetupLogin, SetPassword, ApiKeyRow, NewApiKey, Problem, Diagnostic, RuleRow, RuleDetail, RuleText, SaveRule, RuleTestResult, RuleCheck,
  StartBacktest, BacktestRule, BacktestPackRule, BacktestPack, BacktestStoryKind, BacktestStories, BacktestReport, BacktestJob, OpsSnapshot, Overview, FeedMessage, FeedCommand,
  ListName, ListRow, ListIndex, ListEntryRow, ListPage, AddListEntries, RemoveListEntries, ListValueAnswer, ListAnswer,
} from './desk.js';
