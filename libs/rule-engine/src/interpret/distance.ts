import type { Geo } from '@weir/contracts';

/** Mean radius of the Earth in km (rule-language §2). */
const earthRadiusKm = 6371.0088;

// Coefficients and constants of fdlibm's e_asin.c (Sun Microsystems, 1993), written as the shortest decimals of the same doubles.
const piOver2High = 1.57079632679489655800;
const piOver2Low = 6.12323399573676603587e-17;
const piOver4High = 7.85398163397448278999e-1;
const p0 = 1.66666666666666657415e-1;
const p1 = -3.25565818622400915405e-1;
const p2 = 2.01212532134862925881e-1;
const p3 = -4.00555345006794114027e-2;
const p4 = 7.91534994289814532176e-4;
const p5 = 3.47933107596021167570e-5;
const q1 = -2.40339491173441421878;
const q2 = 2.02094576023350569471;
const q3 = -6.88283971605453293030e-1;
const q4 = 7.70381505559019352791e-2;
/** The double with high word 0x3FEF3333 and low word 0: from here on fdlibm takes the branch near 1. */
const nearOne = 0.97499847412109375;

const word = new DataView(new ArrayBuffer(8));

/** The double with its lower 32 bits cleared (fdlibm: `SET_LOW_WORD(w, 0)`). */
function highWordOf(x: number): number {
  word.setFloat64(0, x);
  word.setUint32(4, 0);
  return word.getFloat64(0);
}

/** R(t) = P(t) / Q(t) of fdlibm: asin(x) is x + x * R(x * x) up to 0.5. */
function ratio(t: number): number {
  const p = t * (p0 + t * (p1 + t * (p2 + t * (p3 + t * (p4 + t * p5)))));
  const q = 1.0 + t * (q1 + t * (q2 + t * (q3 + t * q4)));
  return p / q;
}

/**
 * asin by fdlibm's algorithm (e_asin.c) in `+ - * / sqrt` only, so it gives the same bits on every machine.
 * @returns radians in [-pi/2, pi/2]; NaN outside [-1, 1].
 */
export function arcSine(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return NaN;
  if (size === 1) return x * piOver2High + x * piOver2Low;
  if (size < 0.5) return size < 2 ** -27 ? x : x + x * ratio(x * x);
  const t = (1.0 - size) * 0.5;
  const r = ratio(t);
  const s = Math.sqrt(t);
  let angle: number;
  if (size >= nearOne) {
    angle = piOver2High - (2.0 * (s + s * r) - piOver2Low);
  } else {
    const w = highWordOf(s);
    const c = (t - w * w) / (s + w);
    const p = 2.0 * s * r - (piOver2Low - 2.0 * c);
    const q = piOver4High - 2.0 * w;
    angle = piOver4High - (p - q);
  }
  return x > 0 ? angle : -angle;
}

/**
 * Great-circle distance in km: 2R * asin(chord / 2) of the unit vectors that the ingester recorded.
 * Rounding can make the chord of two opposite places a hair longer than 2; it counts as 2.
 */
export function distanceKm(a: Geo, b: Geo): number {
  const dx = a.x - b.x;
  const dy = a.y - b.y;
  const dz = a.z - b.z;
  const halfChord = Math.sqrt(dx * dx + dy * dy + dz * dz) / 2;
  return 2 * earthRadiusKm * arcSine(halfChord > 1 ? 1 : halfChord);
}
