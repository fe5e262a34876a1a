import { isHighSurrogate, isLowSurrogate, JsonNumber, JsonObject, type JsonValue, loneSurrogateAt, quoteShort } from './json-value.js';
import { invalidUtf8At } from './utf8.js';

/** Objects and arrays within each other, at most. */
const maxJsonDepth = 64;

/** Why a text is no JSON that is taken, and where. */
export interface JsonRefusal {
  readonly ok: false;
  readonly code: 'malformed-json' | 'duplicate-key' | 'bad-text';
  /** The member in which it went wrong, `location.lat` or `items[2]`; absent at the top. */
  readonly field?: string | undefined;
  readonly message: string;
  /** UTF-16 units from the start of the text, 0-based; for invalid UTF-8 the byte. */
  readonly offset: number;
  /** 1-based; columns count UTF-16 units (bytes for invalid UTF-8). */
  readonly line: number;
  readonly column: number;
}
/** The value, or why there is none. */
export type JsonResult = { readonly ok: true; readonly value: JsonValue } | JsonRefusal;

/**
 * Reads one JSON value (RFC 8259), strictly: numbers keep their source text, duplicate keys, lone surrogates, invalid
 * UTF-8, NaN and the like, and more than 64 levels are refused with the member and the exact position. A byte order mark
 * before the text is passed over. Never throws. Linear in the input.
 *
 * JSON.parse is not used: it loses the text of numbers (12.505 and 12.504999999999999 become one) and takes the last of two equal keys.
 */
export function readJson(input: Uint8Array | string): JsonResult {
  let text: string;
  if (typeof input === 'string') {
    text = input.charCodeAt(0) === 0xfeff ? input.slice(1) : input;
  } else {
    try {
      text = decoder.decode(input);
    } catch {
      // The decoder says only that it is not UTF-8; the place is looked up in the bytes.
      const at = invalidUtf8At(input);
      const before = input.subarray(0, at);
      const line = before.reduce((count, byte) => count + (byte === newline ? 1 : 0), 1);
      return { ok: false, code: 'bad-text', message: `byte ${at + 1} is not UTF-8`, offset: at, line, column: at - before.lastIndexOf(newline) };
    }
  }
  return new Reader(text).document();
}

const decoder = new TextDecoder('utf-8', { fatal: true });
const newline = 0x0a;

class Fault extends Error {
  constructor(readonly code: JsonRefusal['code'], message: string, readonly at: number, readonly field: string | undefined) { super(message); }
}

/** Recursive descent over UTF-16 units. Mutable position: runs per character of every event. */
class Reader {
  private at = 0;
  private depth = 0;
  private readonly path: string[] = [];

  constructor(private readonly text: string) {}

  document(): JsonResult {
    try {
      this.skipBlanks();
      const value = this.value();
      this.skipBlanks();
      if (this.at < this.text.length) this.fail(`the value ends here, but ${this.seen()} follows`);
      return { ok: true, value };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const before = this.text.slice(0, error.at);
      const lineStart = before.lastIndexOf('\n') + 1;
      const line = before.split('\n').length;
      const place = line === 1 ? `column ${error.at - lineStart + 1}` : `line ${line}, column ${error.at - lineStart + 1}`;
      return { ok: false, code: error.code, field: error.field, message: `${error.field === undefined ? '' : `${error.field}: `}${error.message} (${place})`, offset: error.at, line, column: error.at - lineStart + 1 };
    }
  }

  private value(): JsonValue {
    const code = this.text.charCodeAt(this.at);
    switch (code) {
      case 0x22: return this.string();
      case 0x7b: return this.object();
      case 0x5b: return this.array();
      case 0x74: return this.word('true', true);
      case 0x66: return this.word('false', false);
      case 0x6e: return this.word('null', null);
      default:
        if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.number();
        return this.notAValue();
    }
  }

  private object(): JsonObject {
    const names: string[] = [];
    const values: JsonValue[] = [];
    let seen: Set<string> | undefined;
    this.enter();
    this.skipBlanks();
    if (this.text.charCodeAt(this.at) === 0x7d) { this.leave(); return new JsonObject(names, values); }
    for (;;) {
      if (this.text.charCodeAt(this.at) !== 0x22) this.fail(`a key in double quotes is expected, not ${this.seen()}`);
      const keyAt = this.at;
      const name = this.string();
      if (names.length >= 16) seen ??= new Set(names);
      if (seen === undefined ? names.includes(name) : seen.has(name)) {
        this.path.push(name);
        throw new Fault('duplicate-key', 'is given twice in one object', keyAt, this.field());
      }
      seen?.add(name);
      this.skipBlanks();
      if (this.text.charCodeAt(this.at) !== 0x3a) this.fail(`":" is expected after the key ${quoteShort(name)}, not ${this.seen()}`);
      this.at += 1;
      this.skipBlanks();
      this.path.push(name);
      names.push(name);
      values.push(this.value());
      this.path.pop();
      this.skipBlanks();
      const code = this.text.charCodeAt(this.at);
      if (code === 0x7d) { this.leave(); return new JsonObject(names, values); }
      if (code !== 0x2c) this.fail(`"," or "}" is expected, not ${this.seen()}`);
      this.at += 1;
      this.skipBlanks();
    }
  }

  private array(): readonly JsonValue[] {
    const values: JsonValue[] = [];
    this.enter();
    this.skipBlanks();
    if (this.text.charCodeAt(this.at) === 0x5d) { this.leave(); return values; }
    for (;;) {
      this.path.push(`[${values.length}]`);
      values.push(this.value());
      this.path.pop();
      this.skipBlanks();
      const code = this.text.charCodeAt(this.at);
      if (code === 0x5d) { this.leave(); return values; }
      if (code !== 0x2c) this.fail(`"," or "]" is expected, not ${this.seen()}`);
      this.at += 1;
      this.skipBlanks();
    }
  }

  private string(): string {
    const { text } = this;
    const start = this.at + 1;
    let plainFrom = start;
    let built = '';
    let at = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) break;
      if (code === 0x5c) {
        this.at = at;
        built += text.slice(plainFrom, at) + this.escape();
        at = this.at;
        plainFrom = at;
      } else if (code >= 0xd800 && code <= 0xdfff && plainFrom === start && built === '') {
        // Pairs written out are checked here; texts with escapes once they are whole, as a pair may be half escaped.
        if (!isHighSurrogate(code) || !isLowSurrogate(text.charCodeAt(at + 1))) {
          if (!text.startsWith('\\u', at + 1)) throw new Fault('bad-text', 'holds half of a surrogate pair', at, this.field());
          at += 1;
        } else {
          at += 2;
        }
      } else if (code < 0x20) {
        this.at = at;
        this.fail(`the control character U+${code.toString(16).padStart(4, '0').toUpperCase()} must be escaped in a text`);
      } else if (at >= text.length) {
        this.at = start - 1;
        this.fail('the text that begins here has no end');
      } else {
        at += 1;
      }
    }
    this.at = at + 1;
    if (plainFrom === start) return text.slice(start, at);
    const whole = built + text.slice(plainFrom, at);
    if (loneSurrogateAt(whole) >= 0) throw new Fault('bad-text', 'holds half of a surrogate pair', start - 1, this.field());
    return whole;
  }

  /** At a backslash. Leaves the position behind the escape. */
  private escape(): string {
    const code = this.text.charCodeAt(this.at + 1);
    const plain = code === 0x75 ? undefined : escapes[String.fromCharCode(code)];
    if (plain !== undefined) { this.at += 2; return plain; }
    const hex = this.text.slice(this.at + 2, this.at + 6);
    if (code !== 0x75 || !/^[0-9a-fA-F]{4}$/.test(hex)) this.fail('this is no escape that JSON has');
    this.at += 6;
    return String.fromCharCode(parseInt(hex, 16));
  }

  private number(): JsonNumber {
    const { text } = this;
    const start = this.at;
    let at = start;
    if (text.charCodeAt(at) === 0x2d) at += 1;
    const wholeFrom = at;
    at = this.digits(at);
    if (at === wholeFrom) { this.at = start; this.notAValue(); }
    if (text.charCodeAt(wholeFrom) === 0x30 && at > wholeFrom + 1) this.fail('a number does not begin with 0 before another digit');
    if (text.charCodeAt(at) === 0x2e) {
      const from = at + 1;
      at = this.digits(from);
      if (at === from) { this.at = at; this.fail('a digit is expected after the decimal point'); }
    }
    const e = text.charCodeAt(at);
    if (e === 0x65 || e === 0x45) {
      at += 1;
      const sign = text.charCodeAt(at);
      if (sign === 0x2b || sign === 0x2d) at += 1;
      const from = at;
      at = this.digits(from);
      if (at === from) { this.at = at; this.fail('a digit is expected in the exponent'); }
    }
    this.at = at;
    return new JsonNumber(text.slice(start, at));
  }

  private digits(from: number): number {
    let at = from;
    for (;;) {
      const code = this.text.charCodeAt(at);
      if (!(code >= 0x30 && code <= 0x39)) return at; // NaN at the end of the text ends it too
      at += 1;
    }
  }

  private word<V extends JsonValue>(word: string, value: V): V {
    if (!this.text.startsWith(word, this.at)) this.notAValue();
    this.at += word.length;
    return value;
  }

  private notAValue(): never {
    if (this.at >= this.text.length) return this.fail('the text ends where a value is expected');
    const word = /^[-+]?[A-Za-z]+/.exec(this.text.slice(this.at, this.at + 20))?.[0];
    return this.fail(word === undefined ? `a value is expected, not ${this.seen()}` : `${word} is not a JSON value`);
  }

  private enter(): void {
    this.depth += 1;
    if (this.depth > maxJsonDepth) this.fail(`nested deeper than ${maxJsonDepth} levels`);
    this.at += 1;
  }

  private leave(): void {
    this.depth -= 1;
    this.at += 1;
  }

  private skipBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  private seen(): string {
    return this.at >= this.text.length ? 'the end' : quoteShort(String.fromCodePoint(this.text.codePointAt(this.at) ?? 0));
  }

  private field(): string | undefined {
    if (this.path.length === 0) return undefined;
    const shown = this.path.map((name) => (name.length > 100 ? `${name.slice(0, 100)}...` : name));
    return shown.reduce((path, name) => (name.startsWith('[') ? `${path}${name}` : `${path}.${name}`));
  }

  private fail(message: string): never {
    throw new Fault('malformed-json', message, Math.min(this.at, this.text.length), this.field());
  }
}

const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
