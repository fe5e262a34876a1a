import type { LogEvent } from '@weir/contracts';
import type { EngineDefinition, RestoreResult } from './engine.js';
import type { EngineProgress } from './engine-embedded.js';
import type { EngineState } from './engine-state.js';

export function writeSnapshot(_definition: EngineDefinition, _state: EngineState, _progress: EngineProgress, _waiting: readonly LogEvent[]): Uint8Array {
  throw new Error('not written yet');
}
export function readSnapshot(_definition: EngineDefinition, _state: EngineState, _bytes: Uint8Array): Extract<RestoreResult, { ok: false }> | { readonly ok: true; readonly progress: EngineProgress; readonly waiting: readonly LogEvent[] } {
  return { ok: false, reason: 'other-version', message: 'not written yet' };
}
