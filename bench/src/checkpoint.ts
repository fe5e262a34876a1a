import { beginRestore } from '@weir/rule-engine';
import type { EngineDefinition, LineEngine } from '@weir/rule-engine';

export interface Checkpoint { readonly worstStallMs: number; readonly bytes: number; readonly restoreMs: number; readonly slices: number }

/** Between two slices the hot path takes this many events. */
const eventsBetween = 256;

/**
 * Takes a snapshot in slices while events go on coming, then restores it into a second engine.
 * `worstStallMs` is the longest time from one batch of events to the next, in which the engine was busy with the snapshot.
 */
export function measureCheckpoint(engine: LineEngine, definition: EngineDefinition, lines: Uint8Array, apply: (some: Uint8Array) => void): Checkpoint {
  let worstStallMs = 0;
  const stalled = <T>(work: () => T): T => {
    const from = performance.now();
    const made = work();
    worstStallMs = Math.max(worstStallMs, performance.now() - from);
    return made;
  };
  const chunks: Uint8Array[] = [];
  let from = 0;
  const goOn = (): void => {
    let to = from;
    for (let i = 0; i < eventsBetween && to < lines.length; i++) to = lines.indexOf(10, to) + 1;
    if (to > from) apply(lines.subarray(from, to));
    from = to;
  };
  const slices = stalled(() => engine.beginSnapshot?.());
  if (slices === undefined) chunks.push(stalled(() => engine.snapshot()));
  else {
    for (let slice = stalled(() => slices.next()); slice !== undefined; slice = stalled(() => slices.next())) {
      chunks.push(slice);
      goOn();
    }
  }
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const begin = performance.now();
  const restore = beginRestore(definition);
  for (const chunk of chunks) {
    const refusal = restore.push(chunk);
    if (refusal !== undefined) throw new Error(`the engine refuses its own snapshot: ${refusal.message}`);
  }
  const restored = restore.finish();
  if (!restored.ok) throw new Error(`the engine refuses its own snapshot: ${restored.message}`);
  return { worstStallMs: Math.round(worstStallMs * 1000) / 1000, bytes, restoreMs: Math.round(performance.now() - begin), slices: chunks.length };
}
