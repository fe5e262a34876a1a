const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The double nearest to a number written in decimal, as CEL's `double("1.5e3")`.
 * @returns undefined for anything else: other bases, infinities and NaN too, blanks, and numbers beyond the largest double.
 */
export function readDouble(text: string): number | undefined {
  const value = DECIMAL.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : undefined;
}
