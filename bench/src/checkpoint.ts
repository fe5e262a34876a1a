import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beginRestore, defaultSliceBytes } from '@weir/rule-engine';
import type { EngineDefinition, LineEngine, SnapshotSlices } from '@weir/rule-engine';

export interface Checkpoint {
  /** By the clock, and of that what the process ran: it may have waited for a core. The same as the first where the system does not tell. */
  readonly worstStallMs: number;
  readonly worstStallRunningMs: number;
  readonly bytes: number;
  readonly restoreMs: number;
  readonly slices: number;
}

/** Between two slices the hot path takes this many events. */
const eventsBetween = 256;
const readBytes = 1 << 20;

/**
 * Takes a snapshot in slices into a file while events go on coming, then restores a second engine from it.
 * `worstStallMs` is the longest time from one batch of events to the next, in which the engine was busy with the snapshot; writing
 * the file, which a host does beside, is not in it. `restoreMs` is from the first byte read to an engine that takes events.
 */
export function measureCheckpoint(engine: LineEngine, definition: EngineDefinition, lines: Uint8Array, apply: (some: Uint8Array) => void): Checkpoint {
  const folder = mkdtempSync(join(tmpdir(), 'weir-checkpoint-'));
  try {
    const file = join(folder, 'state');
    const taken = take(engine, file, lines, apply);
    return { ...taken, restoreMs: restore(file, definition) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function take(engine: LineEngine, file: string, lines: Uint8Array, apply: (some: Uint8Array) => void): Omit<Checkpoint, 'restoreMs'> {
  let [worst, worstRunning] = [0, 0];
  const stalled = <T>(work: () => T): T => {
    const [waited, begun] = [waitedMs(), performance.now()];
    const made = work();
    const tookMs = performance.now() - begun;
    worst = Math.max(worst, tookMs);
    worstRunning = Math.max(worstRunning, tookMs - (waitedMs() - waited));
    return made;
  };
  let from = 0;
  const goOn = (): void => {
    let to = from;
    for (let i = 0; i < eventsBetween && to < lines.length; i++) to = lines.indexOf(10, to) + 1;
    if (to > from) apply(lines.subarray(from, to));
    from = to;
  };
  const room = new Uint8Array(1.5 * defaultSliceBytes);
  const written = openSync(file, 'w');
  let [bytes, count] = [0, 0];
  const slices = stalled(() => engine.beginSnapshot?.() ?? wholeAtOnce(engine));
  for (let slice = stalled(() => slices.next(defaultSliceBytes, room)); slice !== undefined; slice = stalled(() => slices.next(defaultSliceBytes, room))) {
    for (let done = 0; done < slice.length;) done += writeSync(written, slice, done);
    bytes += slice.length;
    count++;
    goOn();
  }
  closeSync(written);
  return { worstStallMs: rounded(worst), worstStallRunningMs: rounded(worstRunning), bytes, slices: count };
}

function restore(file: string, definition: EngineDefinition): number {
  const begun = performance.now();
  const restoring = beginRestore(definition);
  const read = openSync(file, 'r');
  const chunk = new Uint8Array(readBytes);
  for (;;) {
    const size = readSync(read, chunk);
    if (size === 0) break;
    const refusal = restoring.push(chunk.subarray(0, size));
    if (refusal !== undefined) throw new Error(`the engine refuses its own snapshot: ${refusal.message}`);
  }
  closeSync(read);
  const restored = restoring.finish();
  if (!restored.ok) throw new Error(`the engine refuses its own snapshot: ${restored.message}`);
  return Math.round(performance.now() - begun);
}

function wholeAtOnce(engine: LineEngine): SnapshotSlices {
  let whole: Uint8Array | undefined = engine.snapshot();
  const next = (): Uint8Array | undefined => {
    const slice = whole;
    whole = undefined;
    return slice;
  };
  return { seq: engine.stats().seq, next, abandon: () => { whole = undefined; } };
}

/** How long this thread has been ready and without a core (Linux, /proc/thread-self/schedstat); 0 where the system does not tell. */
function waitedMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

function rounded(ms: number): number { return Math.round(ms * 1000) / 1000; }
