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

interface Chain { readonly types: readonly string[]; readonly isWindow: boolean }
interface Frame { readonly name: string; readonly types: readonly string[]; readonly isWindow: boolean; argument: number; readonly names: string[] }

/** Reads the text before the cursor; the word that is being typed does not count. Never fails: what it does not know it skips. O(text). */
export function expressionPlace(before: string): ExpressionPlace {
  const head = before.replace(/[A-Za-z_]\w*$/, '');
  const frames: Frame[] = [];
  const start: Chain = { types: [], isWindow: false };
  let chain = start; // the window to which what comes next belongs
  let closed = start; // the call that was closed last
  let name = '';
  let last = '';
  for (let at = 0; at < head.length;) {
    BLANK.lastIndex = at;
    TOKEN.lastIndex = at;
    const blank = BLANK.exec(head)?.[0];
    const token = TOKEN.exec(head)?.[0] ?? head.charAt(at);
    at += blank?.length ?? token.length;
    if (blank !== undefined) continue;
    const frame = frames.at(-1);
    if (token === '"' || token === "'") return { calls: callsOf(frames), string: { text: before.slice(at), call: frame?.name ?? '', argument: frame?.argument ?? 0 } };
    if (token === '(') {
      const isCall = /^[A-Za-z_]/.test(last);
      frames.push({ name: isCall ? name : '', types: chain.types, isWindow: isCall && WINDOW.has(name), argument: 0, names: [] });
    } else if (token === ')') {
      const done = frames.pop();
      closed = done === undefined ? start : { types: done.name === 'of' ? done.names : done.types, isWindow: done.isWindow };
    }
    if (token === ',' && frame !== undefined) frame.argument += 1;
    const isName = /^[A-Za-z_]/.test(token);
    if (isName) {
      frame?.names.push(token);
      name = token;
    }
    if (token === '.') chain = last === ')' ? closed : start;
    else if (!isName || last !== '.') chain = start;
    last = token;
  }
  return { calls: callsOf(frames), ...(last === '.' ? { after: afterDot(head, chain) } : {}) };
}

function callsOf(frames: readonly Frame[]): ExpressionPlace['calls'] {
  return frames.filter(({ name }) => name !== '').map(({ name, types }) => ({ name, types })).reverse();
}

/** What the text before a dot at its end is. */
function afterDot(head: string, chain: Chain): ExpressionPlace['after'] {
  const name = /([A-Za-z_]\w*(?:\.first)?)\s*\.$/.exec(head)?.[1];
  if (name !== undefined) return { kind: 'name', name };
  return chain.isWindow ? { kind: 'window', types: chain.types } : { kind: 'value' };
}
