export { defaultEngineOptions } from './engine.js';
export type { EngineRule, EngineOptions, EngineStats, RuleEngine, EngineDefinition, SnapshotRefusal, RestoreResult } from './engine.js';
