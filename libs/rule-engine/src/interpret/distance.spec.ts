import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Geo } from '@weir/contracts';
import { arcSine, distanceKm } from './distance.js';

function place(lat: number, lon: number): Geo {
  const f = (lat * Math.PI) / 180;
  const l = (lon * Math.PI) / 180;
  return { lat, lon, x: Math.cos(f) * Math.cos(l), y: Math.cos(f) * Math.sin(l), z: Math.sin(f) };
}

describe('distance', () => {
  it('gives the bits of fdlibm, which V8 uses too', () => {
    fc.assert(fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (x) => { expect(arcSine(x)).toBe(Math.asin(x)); }), { numRuns: 5000 });
    for (const x of [0, 0.5, 0.974998, 0.97499847412109375, 0.975, 1, -1, 2 ** -27, 2 ** -28, 0.49999999999999994]) expect(arcSine(x)).toBe(Math.asin(x));
    for (let i = -20_000; i <= 20_000; i += 1) expect(Object.is(arcSine(i / 20_000), Math.asin(i / 20_000))).toBe(true);
    expect(arcSine(1.0000000000000002)).toBeNaN();
  });

  it('measures London to New York, opposite places and no distance', () => {
    expect(distanceKm(place(51.5074, -0.1278), place(40.7128, -74.006))).toBeCloseTo(5570.2, 0);
    expect(distanceKm(place(90, 0), place(-90, 0))).toBeCloseTo(Math.PI * 6371.0088, 6);
    expect(distanceKm({ lat: 0, lon: 0, x: 1.0000000000000002, y: 0, z: 0 }, { lat: 0, lon: 180, x: -1.0000000000000002, y: 0, z: 0 })).toBeCloseTo(Math.PI * 6371.0088, 6);
    expect(distanceKm(place(10, 10), place(10, 10))).toBe(0);
  });
});
