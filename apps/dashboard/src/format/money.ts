import type { Money } from '@weir/contracts';

const minus = '\u2212';

/**
 * Formats decimal text with grouped thousands and never goes through a float: every digit that came is shown.
 *
 * @param text canonical decimal text (`-1204.5`); anything else is returned unchanged.
 * @param leastScale digits after the point that are filled up with zeros, e.g. 2 for EUR.
 */
export function formatDecimal(text: string, leastScale = 0): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '0', fraction = ''] = match;
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  const digits = fraction.padEnd(leastScale, '0');
  return `${sign ? minus : ''}${grouped}${digits ? `.${digits}` : ''}`;
}

const scales = new Map<string, number>();

/** Digits after the point that a currency is written with (ISO 4217): EUR 2, JPY 0, KWD 3; 2 for a code nobody knows. */
export function currencyScale(currency: string): number {
  const known = scales.get(currency);
  if (known !== undefined) return known;
  let scale = 2;
  try {
    scale = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch (error) {
    // Not a well-formed ISO code (test data, points, ...): written as it came, with two digits.
    if (!(error instanceof RangeError)) throw error;
  }
  scales.set(currency, scale);
  return scale;
}

/** `1,204.50`: the amount alone, for right-aligned columns whose currency stands beside it. */
export function formatAmount(money: Money): string {
  return formatDecimal(money.amount, currencyScale(money.currency));
}

/** `EUR 1,204.50`; exact for any size of number. */
export function formatMoney(money: Money): string {
  return `${money.currency} ${formatAmount(money)}`;
}

/** Sums of several currencies are never added: one is written out, more read `3 currencies`. */
export function formatExposure(sums: readonly Money[]): string {
  const [first, second] = sums;
  if (!first) return '-';
  return second ? `${sums.length} currencies` : formatMoney(first);
}
