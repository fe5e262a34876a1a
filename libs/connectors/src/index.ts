export { ConnectorError, type ConnectorErrorCode } from './connector-error.js';
export { openEventLog, openLogReader, type EventLog, type TailingLogReader } from './event-log/event-log.js';
export type { LogStats, Retention, SegmentLogOptions } from './event-log/segment-log.js';
export type { OpenReport } from './event-log/recover.js';
export { startPostgres, type RunningPostgres, type StartPostgresOptions } from './postgres/start-postgres.js';
export { PostgresError, type PostgresErrorCode } from './postgres/postgres-error.js';
export { readRows, type ReadRowsOptions } from './file/read-rows.js';
export { keptRawBytes, openDeadLetters, type DeadLetterPage, type DeadLetterQuery, type DeadLetters, type NewDeadLetter } from './dead-letter/dead-letters.js';
export { openCheckpoints, type CheckpointOptions } from './checkpoint/checkpoints.js';
