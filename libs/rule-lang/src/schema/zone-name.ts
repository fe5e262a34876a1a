/**
 * Whether a text names a time zone: `UTC`, a name of the IANA data base such as `Europe/London`, or a fixed offset `+02:00`.
 * Uses the zone data of the host's `Intl`, as the evaluation does.
 */
export function isZone(name: string): boolean {
  if (/^[+-]?(?:[01]\d|2[0-3]):[0-5]\d$/.test(name)) return true;
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{1,49}$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false; // the only way to ask: Intl throws a RangeError for names it does not know
  }
}
