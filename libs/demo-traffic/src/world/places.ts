/** A city where customers live and shops stand. `utcHours` is winter time: good enough for a daily rhythm. */
export interface Place {
  readonly city: string;
  readonly country: string;
  readonly currency: string;
  readonly lat: number;
  readonly lon: number;
  readonly utcHours: number;
}

function place(city: string, country: string, lat: number, lon: number, utcHours: number, currency = 'EUR'): Place {
  return { city, country, currency, lat, lon, utcHours };
}

/** Where customers live. Coordinates of the city centres, WGS 84. */
export const homePlaces: readonly Place[] = [
  place('Berlin', 'DE', 52.52, 13.405, 1), place('Hamburg', 'DE', 53.5511, 9.9937, 1), place('Munich', 'DE', 48.1372, 11.5756, 1),
  place('Paris', 'FR', 48.8566, 2.3522, 1), place('Lyon', 'FR', 45.764, 4.8357, 1), place('Madrid', 'ES', 40.4168, -3.7038, 1),
  place('Barcelona', 'ES', 41.3874, 2.1686, 1), place('Milan', 'IT', 45.4642, 9.19, 1), place('Rome', 'IT', 41.9028, 12.4964, 1),
  place('Amsterdam', 'NL', 52.3676, 4.9041, 1), place('Brussels', 'BE', 50.8503, 4.3517, 1), place('Vienna', 'AT', 48.2082, 16.3738, 1),
  place('Lisbon', 'PT', 38.7223, -9.1393, 0), place('Dublin', 'IE', 53.3498, -6.2603, 0), place('Helsinki', 'FI', 60.1699, 24.9384, 2),
  place('London', 'GB', 51.5074, -0.1278, 0, 'GBP'),
];

/** Where cloned cards turn up and holidays lead. */
export const farPlaces: readonly Place[] = [
  place('New York', 'US', 40.7128, -74.006, -5), place('Toronto', 'CA', 43.6532, -79.3832, -5), place('Singapore', 'SG', 1.3521, 103.8198, 8),
  place('Tokyo', 'JP', 35.6762, 139.6503, 9), place('Sydney', 'AU', -33.8688, 151.2093, 10), place('Mexico City', 'MX', 19.4326, -99.1332, -6),
];

/** Great-circle distance in km, haversine; for planning journeys only, never what a rule computes. */
export function kilometres(a: Place, b: Place): number {
  const rad = Math.PI / 180;
  const h = Math.sin(((b.lat - a.lat) * rad) / 2) ** 2
    + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2;
  return 2 * 6371 * Math.asin(Math.sqrt(h));
}
