/** Exact number `unscaled / 10^scale`, without trailing zeros: 12.50 is 125 and 1. */
export interface ExactDecimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;
/** Digits that a written number may have; more is refused, not rounded. */
export const MOST_DIGITS = 60;

/**
 * Reads a decimal as written: `12.5`, `-3`, `1e3`; also `.5`. Exact.
 * @returns undefined when it is no decimal, or one with more than {@link MOST_DIGITS} digits once the exponent is written out.
 */
export function readDecimal(text: string): ExactDecimal | undefined {
  if (text.length > 4 * MOST_DIGITS) return undefined;
  const match = DECIMAL.exec(text.startsWith('.') ? `0${text}` : text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > MOST_DIGITS) return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+(?=\d)/, '');
  let unscaled = BigInt(digits);
  let scale = fraction.length - shift;
  if (scale < 0) {
    unscaled *= 10n ** BigInt(-scale);
    scale = 0;
  }
  while (scale > 0 && unscaled % 10n === 0n) {
    unscaled /= 10n;
    scale -= 1;
  }
  if (scale > MOST_DIGITS || unscaled >= 10n ** BigInt(MOST_DIGITS)) return undefined;
  return { unscaled: sign === '-' ? -unscaled : unscaled, scale };
}

/** Canonical text: optional `-`, digits, optional `.` and digits, no exponent, no zeros beyond need. */
export function writeDecimal({ unscaled, scale }: ExactDecimal): string {
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const fraction = scale === 0 ? '' : digits.slice(-scale).replace(/0+$/, '');
  const whole = scale === 0 ? digits : digits.slice(0, -scale);
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Absolute scaled values stay below this, so that engines may hold them in doubles. */
const BOUND = 2n ** 53n;

/**
 * The canonical decimal text of a value for a field with `scale` decimals at most: `1.50` -> `1.5`, `-0` -> `0`, `1e3` -> `1000`.
 * @returns undefined when the text is no decimal, finer than `scale`, or its value times 10^scale reaches 2^53.
 */
export function canonicalDecimal(text: string, scale: number): string | undefined {
  const exact = readDecimal(text);
  if (exact === undefined || exact.scale > scale) return undefined;
  const scaled = exact.unscaled * 10n ** BigInt(scale - exact.scale);
  return (scaled < 0n ? -scaled : scaled) < BOUND ? writeDecimal(exact) : undefined;
}
