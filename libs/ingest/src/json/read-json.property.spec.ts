import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonNumber, JsonObject, type JsonValue } from './json-value.js';
import { readJson } from './read-json.js';

/** What JSON.parse would make of it: the second opinion. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (value instanceof JsonObject) return Object.fromEntries(value.names.map((name, i) => [name, plain(value.values[i] ?? null)]));
  return Array.isArray(value) ? value.map((item: JsonValue) => plain(item)) : value;
}

describe('readJson', () => {
  it('reads every value that JSON.stringify writes, as JSON.parse does', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const result = readJson(text);
      expect(result.ok && plain(result.value)).toEqual(JSON.parse(text));
      expect(readJson(new TextEncoder().encode(text))).toEqual(result);
    }));
  });

  it('accepts a mutated text only where JSON.parse does, and never throws', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(), fc.constantFrom('"', '{', '}', '[', ',', ':', '0', '-', '.', 'e', '\\', ' ', '\u0001', 'u', 'NaN'), fc.nat(2), (value, place, piece, cut) => {
      const text = JSON.stringify(value);
      const at = place % (text.length + 1);
      const mutated = text.slice(0, at) + piece + text.slice(at + cut);
      const result = readJson(mutated);
      if (!result.ok && result.code !== 'malformed-json') return; // stricter than JSON.parse: duplicate keys, lone surrogates
      let parsed: unknown;
      let ok = true;
      try { parsed = JSON.parse(mutated); } catch { ok = false; }
      expect(result.ok).toBe(ok);
      if (result.ok) expect(plain(result.value)).toEqual(parsed);
    }), { numRuns: 2_000 });
  });
});
