/** One text for one meaning of a plan's part: source text and positions left out, bigints written with an `n`. */
export function shapeOf(value: unknown): string {
  return JSON.stringify(value, (name, part: unknown) => {
    if (name === 'text' || name === 'span' && isSourceSpan(part)) return undefined;
    return typeof part === 'bigint' ? `${part}n` : part;
  });
}

/** `span` is a source position in expressions and a window's span in plans. */
function isSourceSpan(part: unknown): boolean { return typeof part === 'object' && part !== null && 'line' in part; }
