import type { SyntaxFault, Token } from './lexer.js';

const OPENING = /([rRbB]{0,2})("""|'''|"|')/y;
const SIMPLE: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '?': '?', '"': '"', "'": "'", '`': '`' };

/** Reads a CEL string literal (quotes of four kinds, raw or with escapes) at an offset; undefined when none begins there. */
export function readStringLiteral(text: string, at: number): Token | SyntaxFault | undefined {
  OPENING.lastIndex = at;
  const opening = OPENING.exec(text);
  const [whole, prefix, quote] = [opening?.[0], opening?.[1]?.toLowerCase(), opening?.[2]];
  if (whole === undefined || prefix === undefined || quote === undefined) return undefined;
  if (prefix.includes('b')) return { code: 'not-in-language', start: at, end: at + prefix.length, message: 'there are no bytes in rules', hint: 'leave out the `b`' };
  if (prefix.length > 1) return { code: 'syntax', start: at, end: at + prefix.length, message: `\`${prefix}\` cannot stand before a string` };
  let value = '';
  for (let i = at + whole.length; ;) {
    if (text.startsWith(quote, i)) {
      const range = { start: at, end: i + quote.length };
      return /\p{Surrogate}/u.test(value) ? { code: 'syntax', ...range, message: 'half of a surrogate pair is no character' } : { kind: 'string', value, ...range };
    }
    const char = text.charAt(i);
    if (char === '' || (quote.length === 1 && (char === '\n' || char === '\r'))) {
      return { code: 'syntax', start: at, end: i, message: 'the string does not end', hint: `a ${quote} is missing; ' #' outside quotes of YAML begins a comment` };
    }
    if (char === '\\' && prefix === '') {
      const escape = readEscape(text, i);
      if (typeof escape === 'string') return { code: 'syntax', start: i, end: Math.min(i + 2, text.length), message: escape, hint: 'a backslash is written `\\\\`; in r"..." it stands for itself' };
      value += escape.value;
      i += escape.length;
    } else {
      value += char;
      i += 1;
    }
  }
}

function readEscape(text: string, at: number): { value: string; length: number } | string {
  const kind = text.charAt(at + 1);
  const simple = SIMPLE[kind];
  if (simple !== undefined) return { value: simple, length: 2 };
  const hexDigits = { x: 2, X: 2, u: 4, U: 8 }[kind];
  const digits = hexDigits === undefined ? text.slice(at + 1, at + 4) : text.slice(at + 2, at + 2 + hexDigits);
  const pattern = hexDigits === undefined ? /^[0-3][0-7]{2}$/ : /^[0-9a-fA-F]+$/;
  if (!pattern.test(digits) || (hexDigits !== undefined && digits.length !== hexDigits)) return `\`\\${kind}\` is no escape`;
  const code = Number.parseInt(digits, hexDigits === undefined ? 8 : 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return `\`${text.slice(at, at + 2)}${digits}\` is no character`;
  return { value: String.fromCodePoint(code), length: hexDigits === undefined ? 4 : 2 + hexDigits };
}

/** A string as a literal in double quotes. */
export function writeStringLiteral(value: string): string {
  let text = '"';
  for (const char of value) {
    const code = char.codePointAt(0) ?? 0;
    if (char === '"' || char === '\\') text += `\\${char}`;
    else if (char === '\n') text += '\\n';
    else if (char === '\t') text += '\\t';
    else if (char === '\r') text += '\\r';
    else if (code < 0x20 || code === 0x7f) text += `\\x${code.toString(16).padStart(2, '0')}`;
    else text += char;
  }
  return `${text}"`;
}
