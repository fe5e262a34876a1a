/** A number as written. `text` is a valid JSON number, so no digit was lost to binary floating point. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

/** Members in source order; names are distinct. Not a plain object: a member named `__proto__` is a member like any other. */
export class JsonObject {
  constructor(readonly names: readonly string[], readonly values: readonly JsonValue[]) {}

  /** The member's value; undefined when there is none. Linear: events have few members. */
  get(name: string): JsonValue | undefined {
    const i = this.names.indexOf(name);
    return i < 0 ? undefined : this.values[i];
  }
}

/** A JSON value as it was written: numbers keep their text, members their order. */
export type JsonValue = null | boolean | string | JsonNumber | JsonObject | readonly JsonValue[];

/** What a value is, for messages: `12.5`, `"abc"`, `an object`. Long texts are cut. */
export function describeJson(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quoteShort(value);
  if (value instanceof JsonNumber) return value.text.length > 40 ? `${value.text.slice(0, 40)}...` : value.text;
  return value instanceof JsonObject ? 'an object' : 'an array';
}

/** A text in quotes for messages, cut after 40 characters, never in the middle of a surrogate pair. */
export function quoteShort(text: string): string {
  if (text.length <= 40) return JSON.stringify(text);
  const end = isHighSurrogate(text.charCodeAt(39)) ? 39 : 40;
  return `${JSON.stringify(text.slice(0, end))}...`;
}

/**
 * The value as plain data for an event's `extra`. A number that a double cannot hold exactly stays text, so nothing is lost.
 */
export function toPlain(value: JsonValue): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (value instanceof JsonNumber) return plainNumber(value.text);
  if (value instanceof JsonObject) {
    const plain: Record<string, unknown> = {};
    value.names.forEach((name, i) => { setOwn(plain, name, toPlain(value.values[i] ?? null)); });
    return plain;
  }
  return value.map(toPlain);
}

/** Sets an own member whatever its name: an assignment to `__proto__` would change the object instead. */
export function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}

function plainNumber(text: string): number | string {
  // Fifteen digits always survive the way through a double.
  if (text.length <= 15 && !/[eE]/.test(text)) return Number(text) + 0;
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : text;
}

/** Is the UTF-16 unit the first of a surrogate pair? */
export const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
/** Is it the second? */
export const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

/** Index of the first surrogate without its partner; -1 when the text is well formed. */
export function loneSurrogateAt(text: string): number {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0xd800 || code > 0xdfff) continue;
    if (!isHighSurrogate(code) || !isLowSurrogate(text.charCodeAt(i + 1))) return i;
    i += 1;
  }
  return -1;
}
