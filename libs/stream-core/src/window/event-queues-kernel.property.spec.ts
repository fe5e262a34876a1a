import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { callValue } from '../wasm/function-code.js';
import { LinearMemory } from '../wasm/linear-memory.js';
import { ModuleCode } from '../wasm/module-code.js';
import { EventQueues, nodeAt } from './event-queues.js';
import type { QueueKind } from './event-queues.js';
import { writeQueueKernels } from './event-queues-kernel.js';
import { SharedLog } from './shared-log.js';

interface Counted { readonly n: number; readonly ts: number; readonly value: number }

/** The event that a window's events have as their answer, by looking at all of them. Of equal ones the later. */
function answerOf(kind: QueueKind, events: readonly Counted[]): number | undefined {
  const inOrder = [...events].sort((a, b) => a.ts - b.ts || a.n - b.n);
  if (kind === 'first') return inOrder[0]?.n;
  if (kind === 'latest') return inOrder.at(-1)?.n;
  const best = (kind === 'min' ? Math.min : Math.max)(...events.map(({ value }) => value));
  return inOrder.filter(({ value }) => value === best).at(-1)?.n;
}

const arbStep = fc.record({
  leaves: fc.boolean(), key: fc.integer({ min: 2, max: 4 }), value: fc.constantFrom(1, 2, 3, 4, 5, Infinity, -Infinity), gap: fc.constantFrom(0, 1, 5), back: fc.constantFrom(0, 0, 0, 0, 3, 8), byKernel: fc.boolean(),
});

describe('the queues of extremes and their kernels', () => {
  it.each(['min', 'max', 'first', 'latest'] as const)('answer as looking at all events of the window does: %s', (kind) => {
    const module = new ModuleCode<'enter' | 'leave'>();
    const { enter, leave } = writeQueueKernels(module, kind);
    module.function(['i32', 'i32', 'i32', 'i32', 'i32', 'f64', 'f64'], 'i32', (code) => callValue('i32', enter, code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32'), code.param(4, 'i32'), code.param(5, 'f64'), code.param(6, 'f64')), 'enter');
    module.function(['i32', 'i32', 'i32', 'i32', 'f64'], 'i32', (code) => callValue('i32', leave, code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32'), code.param(4, 'f64')), 'leave');
    const room = new LinearMemory();
    const kernels = module.instantiate(room);

    fc.assert(fc.property(fc.array(arbStep, { minLength: 1, maxLength: 200, size: 'max' }), (steps) => {
      const log = new SharedLog({ bitWords: 0, ids: 1, chains: 0, numbers: 1, hasPayload: false });
      const queues = new EventQueues(log, kind, 0, room);
      const windows = new Map<number, Counted[]>();
      let now = 1_000;
      for (const { leaves, key, value, gap, back, byKernel } of steps) {
        const window = windows.get(key) ?? [];
        const before = queues.front(key);
        queues.reserve(1, key + 1);
        const at = [queues.counters.byteOffset, queues.nodes.byteOffset, queues.ends.byteOffset] as const;
        let told: number | undefined;
        if (leaves) {
          const bound = now - 2 * back;
          if (byKernel) told = kernels.leave(...at, key, bound); else queues.leave(key, bound);
          windows.set(key, window.filter(({ ts }) => ts > bound));
        } else {
          now += gap;
          const ts = now - back;
          const n = log.append(ts, log.length + 1, 0, back > 0);
          (log.numbers[0] as Float64Array)[n & log.mask] = value;
          if (byKernel && back === 0 && Number.isFinite(value)) told = kernels.enter(...at, key, n, value, ts); else queues.enter(key, n);
          windows.set(key, [...window, { n, ts, value }]);
        }
        const after = queues.front(key);
        for (const id of [2, 3, 4]) expect(queues.front(id)).toBe(answerOf(kind, windows.get(id) ?? []));
        if (told === undefined) continue;
        if (after === before) expect(told).toBe(0);
        else if (after === undefined) expect(told).toBe(queues.nodes.byteOffset);
        else expect(queues.nodes[(told - queues.nodes.byteOffset) / 4 + nodeAt.event]).toBe(after);
      }
    }), { numRuns: 100 });
  });
});
