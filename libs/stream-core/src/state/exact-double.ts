const bits = new DataView(new ArrayBuffer(8));

/** Exponent of the unit in which doubles are summed: every finite double is a whole multiple of 2^-1074. */
export const doubleUnitExponent = -1074;

/** A finite double as a multiple of 2^-1074, exactly. */
export function inDoubleUnits(value: number): bigint {
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  const exponentField = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(bits.getUint32(4));
  const size = exponentField === 0 ? fraction : (fraction | (1n << 52n)) << BigInt(exponentField - 1);
  return high >>> 31 === 1 ? -size : size;
}

/**
 * The double nearest to `numerator / denominator` (ties to even); an infinity beyond the largest, 0 for 0.
 * @param denominator > 0.
 */
export function nearestDouble(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const isNegative = numerator < 0n;
  const n = isNegative ? -numerator : numerator;
  // Scale so that the quotient has 55 bits or more, with a sticky last bit; then one correctly rounded conversion.
  const lengths = bitLength(n) - bitLength(denominator);
  const exponent = Math.max(lengths - 64, doubleUnitExponent - 2);
  const shifted = exponent >= 0 ? n : n << BigInt(-exponent);
  const divisor = exponent >= 0 ? denominator << BigInt(exponent) : denominator;
  let quotient = shifted / divisor;
  if (quotient * divisor !== shifted) quotient |= 1n;
  const size = roundToDouble(quotient, exponent);
  return isNegative ? -size : size;
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return 4 * hex.length - Math.clz32(parseInt(hex[0] ?? '0', 16)) + 28;
}

/** `value * 2^exponent`, value > 0 whose last bit may be sticky, rounded once. */
function roundToDouble(value: bigint, exponent: number): number {
  const length = bitLength(value);
  const unit = Math.max(length + exponent - 53, doubleUnitExponent);
  const drop = unit - exponent;
  let mantissa = value;
  if (drop > 0) {
    const half = 1n << BigInt(drop - 1);
    const rest = value & ((1n << BigInt(drop)) - 1n);
    mantissa = value >> BigInt(drop);
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa += 1n;
  }
  const at = drop > 0 ? unit : exponent;
  // Two factors: 2^at alone may lie below the smallest normal double. Each product is exact or overflows.
  const half = Math.trunc(at / 2);
  return Number(mantissa) * 2 ** half * 2 ** (at - half);
}
