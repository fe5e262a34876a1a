/** A seeded source of randomness: the same seed gives the same draws, in the same order, on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  unit(): number;
  /** Uniform integer in [from, to], both ends included. */
  int(from: number, to: number): number;
  /** Uniform in [from, to). */
  between(from: number, to: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** One of a list that is not empty, each as likely. */
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T;
  /** Log-normal with the given median; `sigma` is the deviation of the logarithm. */
  logNormal(median: number, sigma: number): number;
  /** Exponential with the given mean: the gap to the next event of a Poisson stream. */
  exponential(mean: number): number;
  /** `length` hexadecimal digits. */
  hex(length: number): string;
}

/** Four 32-bit words from a text, well mixed (MurmurHash3's finaliser on each lane). Not for secrets. */
function hash128(text: string): [number, number, number, number] {
  let a = 0x9e3779b9, b = 0x243f6a88, c = 0xb7e15162, d = 0xdeadbeef;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x85ebca6b); b = Math.imul(b ^ (a >>> 15) ^ unit, 0xc2b2ae35);
    c = Math.imul(c ^ (b >>> 13) ^ unit, 0x27d4eb2f); d = Math.imul(d ^ (c >>> 16) ^ unit, 0x165667b1);
    a = (a ^ d) | 0;
  }
  return [mix(a ^ d), mix(b ^ a), mix(c ^ b), mix(d ^ c)];
}

function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Random numbers by sfc32 (C. Doty-Humphrey, PractRand), seeded from any text.
 * Nothing of it is fit for keys or tokens. `logNormal` and `exponential` use `Math.log`, `exp`, `cos`: equal on all
 * builds of one V8, and their results are rounded to cents or milliseconds before anyone sees them.
 */
export function createRandom(seed: string): Random {
  let [a, b, c, counter] = hash128(seed);
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) word();
  const unit = (): number => word() / 4_294_967_296;
  const int = (from: number, to: number): number => from + Math.floor(unit() * (to - from + 1));
  // 1 - unit() is in (0, 1], so the logarithm is finite.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
  return {
    unit,
    int,
    between: (from, to) => from + unit() * (to - from),
    chance: (p) => unit() < p,
    pick: <T>(items: readonly T[]): T => {
      const item = items[int(0, items.length - 1)];
      if (item === undefined) throw new RangeError('pick from an empty list');
      return item;
    },
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
    exponential: (mean) => -mean * Math.log(1 - unit()),
    hex: (length) => Array.from({ length }, () => int(0, 15).toString(16)).join(''),
  };
}
