/** A seeded generator of uniform numbers (mulberry32): the same seed, the same workload on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [0, below). */
  below(below: number): number;
}

export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, below: (below) => Math.floor(next() * below) };
}

/**
 * Ranks 0..count-1 drawn with probability proportional to 1 / (rank + 1 + flat)^skew (Zipf-Mandelbrot), by Walker's alias
 * method (Vose 1991). `flat` levels the head: with 0, one card of 100,000 would make every fiftieth payment of the world.
 * O(count) to make, O(1) a draw.
 */
export function createZipf(count: number, skew: number, flat: number, random: Random): () => number {
  const share = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) sum += share[rank] = 1 / (rank + 1 + flat) ** skew;
  const alias = new Int32Array(count);
  const [small, large]: [number[], number[]] = [[], []];
  for (let rank = 0; rank < count; rank++) {
    share[rank] = ((share[rank] ?? 0) * count) / sum;
    ((share[rank] ?? 0) < 1 ? small : large).push(rank);
  }
  while (small.length > 0 && large.length > 0) {
    const [less, more] = [small.pop() ?? 0, large.pop() ?? 0]; // neither is empty
    alias[less] = more;
    share[more] = (share[more] ?? 0) + (share[less] ?? 0) - 1;
    ((share[more] ?? 0) < 1 ? small : large).push(more);
  }
  for (const rank of [...small, ...large]) share[rank] = 1;
  return () => {
    const at = random.next() * count;
    const rank = Math.floor(at);
    return at - rank < (share[rank] ?? 1) ? rank : alias[rank] ?? 0;
  };
}
