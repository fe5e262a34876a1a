import { describe, expect, it } from '@jest/globals';
import type { Alert } from '@weir/contracts';
import type { AlertSink } from './alert-sink.js';
import { AlertWriter } from './alert-writer.js';

const some = (count: number): Alert[] => Array.from({ length: count }, () => ({}) as Alert); // only counted here

/** A store whose commits are released by hand. */
function handStore(refusals = 0): { sink: AlertSink; writes: { alerts: number; throughSeq: number }[]; release: () => void; waiting: () => boolean } {
  const writes: { alerts: number; throughSeq: number }[] = [];
  let release: (() => void) | undefined;
  let refusalsLeft = refusals;
  return {
    writes,
    release: () => { const go = release; release = undefined; go?.(); },
    waiting: () => release !== undefined,
    sink: {
      progress: () => Promise.resolve(0),
      write: async (alerts, throughSeq) => {
        await new Promise<void>((resolve) => { release = resolve; });
        if (refusalsLeft > 0) {
          refusalsLeft -= 1;
          throw new Error('connection refused');
        }
        writes.push({ alerts: alerts.length, throughSeq });
      },
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => { setImmediate(resolve); });
}

describe('the alert writer', () => {
  it('shares one transaction among the batches that came while it was writing, and acknowledges each after the commit', async () => {
    const store = handStore();
    const stored: number[] = [];
    const writer = new AlertWriter({ sink: store.sink, random: () => 0, onStored: (batch) => stored.push(batch), onTrouble: () => undefined });
    for (const batch of [1, 2, 3]) writer.add({ batch, throughSeq: batch * 10, alerts: some(batch) });
    await until(store.waiting);
    expect(stored).toEqual([]);
    store.release();
    await until(store.waiting);
    expect(stored).toEqual([1]);
    store.release();
    await until(() => stored.length === 3);
    expect(store.writes).toEqual([{ alerts: 1, throughSeq: 10 }, { alerts: 5, throughSeq: 30 }]);
  });

  it('repeats a refused write until the store takes it, and tells the trouble and its end', async () => {
    const store = handStore(2);
    const stored: number[] = [];
    const trouble: (string | undefined)[] = [];
    const writer = new AlertWriter({ sink: store.sink, random: () => 0, onStored: (batch) => stored.push(batch), onTrouble: (message) => trouble.push(message) });
    writer.add({ batch: 1, throughSeq: 10, alerts: some(2) });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await until(store.waiting);
      store.release();
    }
    await until(() => stored.length === 1);
    expect(store.writes).toEqual([{ alerts: 2, throughSeq: 10 }]);
    expect(trouble).toEqual(['connection refused', 'connection refused', undefined]);
  });

  it('ends with the write at hand when it is closed', async () => {
    const store = handStore();
    const writer = new AlertWriter({ sink: store.sink, random: () => 0, onStored: () => undefined, onTrouble: () => undefined });
    writer.add({ batch: 1, throughSeq: 10, alerts: some(1) });
    await until(store.waiting);
    writer.add({ batch: 2, throughSeq: 20, alerts: some(1) });
    const closed = writer.close();
    store.release();
    await closed;
    expect(store.writes).toEqual([{ alerts: 1, throughSeq: 10 }]);
  });
});
