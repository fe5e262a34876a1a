/**
 * About how many parts a regular expression has once its counted repetitions are written out: `(ab){3}` has 6, `a{2,5}` 5,
 * `a{3,}` 4. RE2's time is linear in the text, but the factor is this number. Never too small by more than a constant factor;
 * at worst quadratic in the pattern, which the caller keeps short; any text is answered.
 */
export function patternSize(pattern: string): number {
  /** Sizes of what has been read of each open group; the last part of each, which a repetition would multiply. */
  const open = [{ size: 0, last: 0 }];
  let top = { size: 0, last: 0 };
  const part = (size: number): void => {
    top.size += top.last;
    top.last = size;
  };
  for (let at = 0; at < pattern.length;) {
    PIECE.lastIndex = at;
    const first = pattern.charAt(at);
    const piece = PIECE.exec(pattern)?.[0] ?? first;
    if (first === '(') {
      open.push(top);
      top = { size: 0, last: 0 };
    } else if (first === ')' && open.length > 1) {
      const size = top.size + top.last;
      top = open.pop() ?? top;
      part(size);
    } else if (first === '{' && piece.length > 1) {
      const [, least = '0', comma, most = ''] = COUNTS.exec(piece) ?? [];
      top.last *= most !== '' ? Math.max(Number(most), 1) : Number(least) + (comma === undefined ? 0 : 1);
    } else if (!'|*+?^$'.includes(first)) part(1);
    at += piece.length;
  }
  return [...open.slice(1), top].reduce((sum, { size, last }) => sum + size + last, 0);
}

const PIECE = /\\Q[^]*?(?:\\E|$)|\\[pP]\{[^}]*\}|\\[^]|\[\^?\]?(?:\\[^]|\[:\^?\w+:\]|[^\]\\])*\]|\{\d+(?:,\d*)?\}/y;
const COUNTS = /^\{(\d+)(,)?(\d*)\}$/;
