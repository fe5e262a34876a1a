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
 * Ranks 0..count-1 drawn with probability proportional to 1 / (rank + 1 + flat)^skew (Zipf-Mandelbrot), by the inverse of the
 * cumulated weights. `flat` levels the head: with 0, one card of 100,000 would make every fiftieth payment of the world.
 * O(count) to make, O(log count) a draw.
 */
export function createZipf(count: number, skew: number, flat: number, random: Random): () => number {
  const cumulated = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1 + flat) ** skew;
    cumulated[rank] = sum;
  }
  return () => {
    const wanted = random.next() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulated[middle] ?? 0) <= wanted) low = middle + 1; else high = middle;
    }
    return low;
  };
}
