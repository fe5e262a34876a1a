import type { EngineDefinition, EngineRestore, Migration, RestoreResult, RuleEngine } from '@weir/rule-engine';

/** Which of the equal implementations of {@link RuleEngine} runs. */
export interface EngineMaker {
  create(definition: EngineDefinition): RuleEngine;
  restore(definition: EngineDefinition, snapshot: Uint8Array): RestoreResult;
  /** The same from chunks. Absent: the snapshot is read at once. */
  beginRestore?(definition: EngineDefinition): EngineRestore;
  /** An engine for another rule set that takes state over from one that runs. Absent or undefined: it is warmed by replay alone. */
  beginMigration?(from: RuleEngine, definition: EngineDefinition): Migration | undefined;
}
