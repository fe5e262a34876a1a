import type { Geo } from '@weir/contracts';

/**
 * The place with its unit vector. Ingester and rule tests both call this, once, and record the result:
 * nothing computes sine and cosine again, so a distance is the same wherever it is computed.
 *
 * @param lat degrees, -90 to 90. @param lon degrees, -180 to 180. The caller has checked both.
 */
export function geoUnitVector(lat: number, lon: number): Geo {
  const phi = (lat * Math.PI) / 180;
  const lambda = (lon * Math.PI) / 180;
  const across = Math.cos(phi);
  return { lat, lon, x: across * Math.cos(lambda), y: across * Math.sin(lambda), z: Math.sin(phi) };
}
