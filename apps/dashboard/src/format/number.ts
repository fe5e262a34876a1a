const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Whole number with thousands and a true minus. */
export function formatCount(n: number): string {
  return grouped.format(n).replace('-', '\u2212');
}

/** A rate: one digit below 100, none from there on. */
export function formatRate(n: number): string {
  return Math.abs(n) < 100 ? oneDigit.format(n).replace('-', '\u2212') : formatCount(Math.round(n));
}

/** Exact to 10,000, then rounded for people (`100 k`); the exact number belongs in the tooltip. */
export function formatTotal(n: number): string {
  return n <= 10_000 ? formatCount(n) : `${formatCount(Math.round(n / 1_000))} k`;
}

/** Sizes as `412 MB`, powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) { value /= 1_000; unit += 1; }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? 'B'}`;
}

/** Nanoseconds per event as `38 ms`, `12.4 µs`, `640 ns`. */
export function formatNanos(ns: number): string {
  if (ns < 1_000) return `${Math.round(ns)} ns`;
  if (ns < 1_000_000) return `${(ns / 1_000).toFixed(1)} µs`;
  return `${(ns / 1_000_000).toFixed(1)} ms`;
}

/** `1 alert`, `2 alerts`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`;
}

export interface Share { readonly text: string; readonly range?: string }

/**
 * A share of decided alerts in whole percent with its n; below 20 labels there is no percentage.
 * `range` is Wilson's 95 % interval (Wilson 1927, z = 1.96).
 */
export function shareOf(part: number, n: number): Share {
  if (n === 0) return { text: '-' };
  if (n < 20) return { text: `few labels (${n})` };
  const z2 = 1.96 * 1.96;
  const p = part / n;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (1.96 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  const percent = (x: number): number => Math.round(100 * Math.min(1, Math.max(0, x)));
  return { text: `${percent(p)} % (${formatCount(n)})`, range: `${part} of ${n}; 95 % range ${percent(centre - half)} to ${percent(centre + half)} %` };
}
