/** The middle value; of an even number of values the lower middle. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1] ?? NaN;
}

export interface Spread { readonly median: number; readonly min: number; readonly max: number }
/** Of values rounded to `digits` places. */
export function spread(values: readonly number[], digits = 0): Spread {
  const round = (value: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
  return { median: round(median(values)), min: round(Math.min(...values)), max: round(Math.max(...values)) };
}
