export type { LogReader, LogWriter, CheckpointStore } from './log/ports.js';
