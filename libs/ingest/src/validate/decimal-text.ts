/** The canonical text, or why the number is refused. */
export type DecimalResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: 'bad-format' | 'too-fine' | 'out-of-range'; readonly decimals: number };

const shape = /^-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;
/** Canonical already but for -0: no exponent, no zero at the end of a fraction. Nearly every amount. */
const plain = /^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{0,14}[1-9])?$/;
const tooLarge = 2 ** 53;

/**
 * The canonical text of a decimal written in JSON's number grammar (`12.50`, `1.25e1`, `-0`), by text alone, so exact.
 * `too-fine`: more than `scale` decimals are needed (`decimals` says how many); `out-of-range`: |value| x 10^scale reaches 2^53.
 * Cost is linear in the text, whatever the exponent says.
 */
export function readDecimal(text: string, scale: number): DecimalResult {
  if (text.length <= 17 && plain.test(text) && text !== '-0') {
    const point = text.indexOf('.');
    const decimals = point < 0 ? 0 : text.length - point - 1;
    if (decimals > scale) return { ok: false, code: 'too-fine', decimals };
    if (text.length + (scale - decimals) <= 15) return { ok: true, text };
  }
  const match = shape.exec(text);
  if (match === null) return { ok: false, code: 'bad-format', decimals: 0 };
  const fraction = match[1] ?? '';
  const negative = text.startsWith('-');
  const mantissa = text.slice(negative ? 1 : 0).split(/[eE]/, 1)[0] ?? '';
  const digits = mantissa.replace('.', '').replace(/^0+/, '');
  if (digits === '') return { ok: true, text: '0' };
  const significant = digits.replace(/0+$/, '');
  // value = significant x 10^power; the exponent may be any length of digits, so it is bounded before it is used
  const power = boundedExponent(match[2] ?? '0') - fraction.length + (digits.length - significant.length);
  if (-power > scale) return { ok: false, code: 'too-fine', decimals: -power };
  if (significant.length + power + scale > 16) return { ok: false, code: 'out-of-range', decimals: Math.max(0, -power) };
  const scaled = significant + '0'.repeat(power + scale);
  if (Number(scaled) >= tooLarge) return { ok: false, code: 'out-of-range', decimals: Math.max(0, -power) };
  return { ok: true, text: `${negative ? '-' : ''}${place(significant, power)}` };
}

function boundedExponent(text: string): number {
  const exponent = Number(text);
  return Math.max(-1e9, Math.min(1e9, exponent));
}

function place(significant: string, power: number): string {
  if (power >= 0) return significant + '0'.repeat(power);
  const whole = significant.length + power;
  return whole > 0 ? `${significant.slice(0, whole)}.${significant.slice(whole)}` : `0.${'0'.repeat(-whole)}${significant}`;
}
