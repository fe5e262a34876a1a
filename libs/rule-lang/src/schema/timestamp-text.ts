const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Epoch ms of an RFC 3339 timestamp such as `2026-01-31T00:00:00Z`; the zone is required.
 * @returns undefined when the text is none, names a day or time that does not exist (leap seconds too), is finer than a millisecond, or is not after 1970-01-01T00:00:00Z.
 */
export function parseTimestampMs(text: string): number | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const part = (i: number): number => Number(match[i] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const fraction = (match[7] ?? '').padEnd(9, '0');
  if (hour > 23 || minute > 59 || second > 59 || part(9) > 23 || part(10) > 59 || !fraction.endsWith('000000')) return undefined;
  const utc = Date.UTC(year, month - 1, day, hour, minute, second, Number(fraction.slice(0, 3)));
  const back = new Date(utc);
  if (back.getUTCFullYear() !== year || back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day) return undefined;
  const offsetMs = (part(9) * 60 + part(10)) * 60_000 * (match[8] === '-' ? -1 : 1);
  const ms = utc - offsetMs;
  return ms > 0 ? ms : undefined;
}
