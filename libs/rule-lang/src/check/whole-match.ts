import { RE2JS } from 're2js';

/** Whether a text matches a pattern of RE2 from its first character to its last; a pattern that RE2 refuses matches nothing. */
export function wholeMatch(pattern: string, text: string): boolean {
  try {
    return RE2JS.compile(pattern).matches(text);
  } catch {
    return false; // the schema's own findings tell the pattern
  }
}
