/** Where in an expression the cursor stands. */
export interface ExpressionPlace {
  /** Text of the string literal that the cursor is in, up to it, and the call whose argument it is. */
  readonly string?: { readonly text: string; readonly call: string; readonly argument: number } | undefined;
  /** Call whose argument the cursor is in, innermost first; with the types that its window counts, if it has `of`. */
  readonly calls: readonly { readonly name: string; readonly types: readonly string[] }[];
  /** What stands before the dot: a name, or `)` of a call whose window has no aggregate yet (`window`) or is anything else (`value`). */
  readonly after?: { readonly kind: 'name'; readonly name: string } | { readonly kind: 'window'; readonly types: readonly string[] } | { readonly kind: 'value' } | undefined;
}

const TOKEN = /[rR]?"(?:\\.|[^"\\])*"|[rR]?'(?:\\.|[^'\\])*'|[A-Za-z_]\w*|\d[\w.]*|["']|&&|\|\||[()[\].,?:<>=!+\-*/%]/gy;
const BLANK = /[\s]+|\/\/[^\n]*/gy;
const WINDOW = new Set(['of', 'by', 'where', 'last', 'before', 'between', 'since', 'lastEvents']);

interface Frame { readonly name: string; readonly types: readonly string[]; readonly isWindow: boolean; argument: number; readonly names: string[] }

/** Reads the text before the cursor. Never fails: what it does not know it skips. O(text). */
export function expressionPlace(before: string): ExpressionPlace {
  const frames: Frame[] = [];
  let chain: { types: readonly string[]; isWindow: boolean } = { types: [], isWindow: false };
  let closed: typeof chain | undefined; // the call that was closed right before
  let name = '';
  let last = '';
  for (let at = 0; at < before.length;) {
    BLANK.lastIndex = at;
    const blank = BLANK.exec(before);
    if (blank !== null) { at += blank[0].length; continue; }
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(before)?.[0] ?? before.charAt(at);
    if (token === '"' || token === "'") {
      const frame = frames.at(-1);
      return { calls: callsOf(frames), string: { text: before.slice(at + 1), call: frame?.name ?? '', argument: frame?.argument ?? 0 } };
    }
    if (token === '(') {
      const isCall = /^[A-Za-z_]/.test(last);
      const isWindow = isCall && (WINDOW.has(name) || chain.isWindow);
      frames.push({ name: isCall ? name : '', types: chain.types, isWindow: isWindow && WINDOW.has(name), argument: 0, names: [] });
      chain = { types: [], isWindow: false };
    } else if (token === ')') {
      const frame = frames.pop();
      closed = { types: frame?.name === 'of' ? frame.names : (frame?.types ?? []), isWindow: frame?.isWindow ?? false };
    } else if (token === ',') {
      const frame = frames.at(-1);
      if (frame !== undefined) frame.argument += 1;
      chain = { types: [], isWindow: false };
    } else if (token === '.') {
      chain = closed !== undefined && last === ')' ? closed : { types: [], isWindow: false };
    } else if (/^[A-Za-z_]/.test(token)) {
      frames.at(-1)?.names.push(token);
      if (last !== '.') chain = { types: [], isWindow: false };
      name = token;
    } else chain = { types: [], isWindow: false };
    if (!(last === '.' && /^[A-Za-z_]/.test(token)) || at + token.length < before.length) last = token;
    at += token.length;
    if (at >= before.length && last === '.') return { calls: callsOf(frames), after: afterDot(before, chain) };
  }
  return { calls: callsOf(frames) };
}

function callsOf(frames: readonly Frame[]): ExpressionPlace['calls'] {
  return frames.filter(({ name }) => name !== '').map(({ name, types }) => ({ name, types })).reverse();
}

/** The cursor stands after `something.` or `something.wor`. */
function afterDot(before: string, chain: { readonly types: readonly string[]; readonly isWindow: boolean }): ExpressionPlace['after'] {
  const name = /([A-Za-z_]\w*(?:\.first)?)\s*\.\s*\w*$/.exec(before)?.[1];
  if (name !== undefined && !/\)\s*\.\s*\w*$/.test(before)) return { kind: 'name', name };
  return chain.isWindow ? { kind: 'window', types: chain.types } : { kind: 'value' };
}
