import type { HistoryItem } from '../../backtest/run-backtest.js';

/** Numbers in [0, 1) that follow from the seed alone (mulberry32 by Tommy Ettinger, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * The same entries in an order in which they may arrive when each is held up by at most `boundMs`: none is late with that
 * bound. Entries of one ms keep their order, for it is their seq that decides between them. `items` are in order of ts.
 *
 * @returns indexes of `items` in order of arrival; the n-th of them gets seq n + 1.
 */
export function delayedOrder(items: readonly HistoryItem[], boundMs: number, random: () => number): Int32Array {
  const arrival = new Float64Array(items.length);
  let lastTs = -1;
  items.forEach(({ entry: { ts } }, i) => {
    const own = ts + Math.floor(random() * (boundMs + 1));
    arrival[i] = ts === lastTs ? Math.max(arrival[i - 1] ?? 0, own) : own;
    lastTs = ts;
  });
  return Int32Array.from(items, (_, i) => i).sort((a, b) => (arrival[a] ?? 0) - (arrival[b] ?? 0) || a - b);
}

/** How many entries arrive after one of a greater ts. */
export function countOutOfOrder(items: readonly HistoryItem[], order: Int32Array): number {
  let largest = 0;
  let count = 0;
  for (const index of order) {
    const ts = items[index]?.entry.ts ?? 0;
    if (ts < largest) count += 1; else largest = ts;
  }
  return count;
}

/** The same entries with times of their own: the n-th of one ms is dated n - 1 ms later. `items` are in order of ts. */
export function withoutTies(items: readonly HistoryItem[]): readonly HistoryItem[] {
  let last = 0;
  return items.map((item) => {
    last = Math.max(last + 1, item.entry.ts);
    return last === item.entry.ts ? item : { ...item, entry: { ...item.entry, ts: last } };
  });
}
