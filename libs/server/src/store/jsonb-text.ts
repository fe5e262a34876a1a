/**
 * JSON text that PostgreSQL's jsonb takes: NUL and lone surrogates, which it refuses, become U+FFFD.
 *
 * `JSON.stringify` writes both as escapes (well-formed JSON.stringify, ES2019), so only escapes are looked at; a doubled
 * backslash before them is text and stays.
 */
export const jsonbText = (value: unknown): string => JSON.stringify(value).replace(/\\\\|\\u0000|\\ud[89a-f][0-9a-f]{2}/g, (escape) => (escape === '\\\\' ? escape : '\\ufffd'));

/** Text that PostgreSQL's text takes. */
export const plainText = (value: string): string => value.replace(/[\0\p{Surrogate}]/gu, '\ufffd');
