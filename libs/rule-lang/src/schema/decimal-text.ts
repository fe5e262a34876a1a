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
  if (isCanonical(text, scale)) return text;
  const exact = readDecimal(text);
  if (exact === undefined || exact.scale > scale) return undefined;
  const scaled = exact.unscaled * 10n ** BigInt(scale - exact.scale);
  return (scaled < 0n ? -scaled : scaled) < BOUND ? writeDecimal(exact) : undefined;
}

/** Digits that no exact value of 2^53 or more is written with. */
const SAFE_DIGITS = 15;
const [ZERO, NINE, MINUS, POINT] = [0x30, 0x39, 0x2d, 0x2e];

/** True only for a text that {@link canonicalDecimal} gives back as it is: what most are, told without a number. */
function isCanonical(text: string, scale: number): boolean {
  const first = text.charCodeAt(0) === MINUS ? 1 : 0;
  let point = text.length;
  for (let i = first; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === POINT && point === text.length) point = i;
    else if (code < ZERO || code > NINE) return false;
  }
  const [whole, fraction] = [point - first, Math.max(0, text.length - point - 1)];
  if (whole === 0 || whole + scale > SAFE_DIGITS || fraction > scale) return false;
  // No zero in front of other digits, none at the end of a fraction; a point has digits behind it; zero has no sign.
  if (text.charCodeAt(first) === ZERO && (whole > 1 || (first === 1 && fraction === 0))) return false;
  return point === text.length || (fraction > 0 && text.charCodeAt(text.length - 1) !== ZERO);
}
