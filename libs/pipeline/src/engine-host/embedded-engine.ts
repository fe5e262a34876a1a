import { createInterpreter, restoreInterpreter } from '@weir/rule-engine';
import type { EngineMaker } from './engine-maker.js';

/** The engine that runs everywhere: live, decisions, backtests. */
export const embeddedEngine: EngineMaker = { create: createInterpreter, restore: restoreInterpreter };
