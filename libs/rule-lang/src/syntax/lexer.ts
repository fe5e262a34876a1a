import { readDecimal } from '../schema/decimal-text.js';
import type { TextRange } from '../source/source-text.js';
import { readStringLiteral } from './string-literal.js';

export type Token =
  | (TextRange & { readonly kind: 'name'; readonly text: string })
  | (TextRange & { readonly kind: 'number'; readonly isInt: boolean; readonly unscaled: bigint; readonly scale: number })
  | (TextRange & { readonly kind: 'string'; readonly value: string })
  | (TextRange & { readonly kind: 'sign'; readonly text: string })
  | (TextRange & { readonly kind: 'end' });

/** Why a text is no expression. `notInLanguage`: CEL has it, the rule language has not. */
export interface SyntaxFault extends TextRange {
  readonly code: 'syntax' | 'not-in-language' | 'too-deep' | 'number-too-long';
  readonly message: string;
  readonly hint?: string | undefined;
  readonly fix?: string | undefined;
}

export type Lexed = { readonly ok: true; readonly tokens: readonly Token[] } | { readonly ok: false; readonly fault: SyntaxFault };

const SIGNS = ['&&', '||', '==', '!=', '<=', '>=', '(', ')', '[', ']', '{', '}', ',', '.', '?', ':', '<', '>', '+', '-', '*', '/', '%', '!'];
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?/y;
const SPAN = /(?:\d+(?:ms|[wdhms]))+/y;
const BLANK = /(?:[ \t\r\n\f]+|\/\/[^\n]*)+/y;

/** Splits an expression into tokens; the last is `end`. Linear in the text; stops at the first fault. */
export function lex(text: string): Lexed {
  const tokens: Token[] = [];
  for (let at = 0; ;) {
    at += matchAt(BLANK, text, at).length;
    if (at >= text.length) {
      tokens.push({ kind: 'end', start: text.length, end: text.length });
      return { ok: true, tokens };
    }
    const read = readToken(text, at);
    if ('message' in read) return { ok: false, fault: read };
    tokens.push(read);
    at = read.end;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function readToken(text: string, at: number): Token | SyntaxFault {
  const literal = readStringLiteral(text, at);
  if (literal !== undefined) return literal;
  const name = matchAt(NAME, text, at);
  if (name !== '') return { kind: 'name', text: name, start: at, end: at + name.length };
  const number = matchAt(NUMBER, text, at);
  if (number !== '') return readNumber(text, at, number);
  const sign = SIGNS.find((one) => text.startsWith(one, at));
  if (sign !== undefined) return { kind: 'sign', text: sign, start: at, end: at + sign.length };
  return strayCharacter(text, at);
}

function strayCharacter(text: string, at: number): SyntaxFault {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const range = { start: at, end: at + char.length };
  const instead = { '=': '==', '&': '&&', '|': '||', '’': "'", '‘': "'", '“': '"', '”': '"', '≥': '>=', '≤': '<=', '≠': '!=', '×': '*' }[char];
  const shown = char < ' ' ? `U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}` : char;
  return { code: 'syntax', ...range, message: `unexpected \`${shown}\``, ...(instead === undefined ? {} : { hint: `did you mean \`${instead}\`?`, fix: instead }) };
}

function readNumber(text: string, at: number, number: string): Token | SyntaxFault {
  const end = at + number.length;
  const span = matchAt(SPAN, text, at);
  if (span.length > number.length && !/\w/.test(text.charAt(at + span.length))) {
    return { code: 'syntax', start: at, end: at + span.length, message: `a span is written in quotes: \`"${span}"\``, hint: `put quotes around it; as a value of its own it is \`duration("${span}")\``, fix: `"${span}"` };
  }
  if (/[uU]/.test(text.charAt(end)) && !/\w/.test(text.charAt(end + 1))) {
    return { code: 'not-in-language', start: at, end: end + 1, message: 'there are no unsigned numbers in rules', hint: 'leave out the `u`', fix: number };
  }
  if (/[A-Za-z_]/.test(text.charAt(end))) return { code: 'syntax', start: at, end: end + 1, message: `a letter follows the number \`${number}\`` };
  const isHex = /^0[xX]/.test(number);
  const value = isHex ? (number.length > 34 ? undefined : { unscaled: BigInt(number), scale: 0 }) : readDecimal(number);
  if (value === undefined) return { code: 'number-too-long', start: at, end, message: 'the number has more than 60 digits' };
  return { kind: 'number', isInt: isHex || /^\d+$/.test(number), ...value, start: at, end };
}
