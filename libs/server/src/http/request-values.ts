import { z } from 'zod';
import { ProblemError } from './problem-error.js';

/** The version of `If-Match: 3`, `"3"` or `W/"3"`. Missing: 428; something else: 400. */
export function versionOfIfMatch(header: string | undefined): number {
  if (header === undefined) throw new ProblemError(428, 'if-match-required', 'If-Match is required', { detail: 'Send the version you saw as If-Match.', field: 'if-match' });
  const [, digits] = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim()) ?? [];
  if (digits === undefined) throw new ProblemError(400, 'invalid-request', 'If-Match is not a version', { field: 'if-match' });
  return Number(digits);
}

/** A query parameter that lists values: `a,b`. */
export const listOf = <T extends z.ZodType<unknown, string>>(item: T) => z.string().transform((text) => text.split(',').filter((part) => part !== '')).pipe(z.array(item).min(1));

/** A whole number of a query string. */
export const wholeNumber = (min: number, max: number) => z.string().regex(/^\d{1,9}$/, 'a whole number').transform(Number).pipe(z.number().min(min).max(max));
