import { beginMigration, beginRestore, createEngine, restoreEngine } from '@weir/rule-engine';
import type { EngineMaker } from './engine-maker.js';

/** The engine that runs everywhere: live, decisions, backtests. */
export const embeddedEngine: EngineMaker = { create: createEngine, restore: restoreEngine, beginRestore, beginMigration };
