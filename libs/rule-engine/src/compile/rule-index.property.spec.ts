import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventRows } from './event-rows.js';
import { unsure } from './index-atoms.js';
import type { Atom, Cover } from './index-atoms.js';
import { RuleIndex } from './rule-index.js';

const measures = 3;
const literals = ['', 'a', 'b', 'é', 'aaaaaaaaaaaaaaaaaaaaaaaa', 'baaaaaaaaaaaaaaaaaaaaaaa', 'm1', 'm2'] as const;
const numbers = [-Infinity, -3, 0, 1, 2, 2.5, 3, 100, Number.MAX_SAFE_INTEGER, Infinity] as const;

const arbAtom: fc.Arbitrary<Atom> = fc.oneof(
  fc.record({ kind: fc.constantFrom('atLeast' as const, 'atMost' as const, 'equal' as const), measure: fc.nat(measures - 1), at: fc.constantFrom(...numbers.filter(Number.isFinite)) }),
  fc.record({ kind: fc.constant('text' as const), slot: fc.nat(1), literal: fc.constantFrom(...literals) }),
);
const arbCovers: fc.Arbitrary<readonly Cover[]> = fc.array(fc.array(arbAtom, { maxLength: 3 }), { maxLength: 3 });
const arbRow = fc.record({
  values: fc.tuple(...Array.from({ length: measures }, () => fc.constantFrom(NaN, unsure, ...numbers))),
  texts: fc.tuple(...[0, 1].map(() => fc.constantFrom(undefined, 'c', 'maaaaaaaaaaaaaaaaaaaaaaa', ...literals))),
  asBytes: fc.boolean(),
});
interface Row { readonly values: readonly number[]; readonly texts: readonly (string | undefined)[]; readonly asBytes: boolean }

function holds(atom: Atom, { values, texts }: Row): boolean {
  if (atom.kind === 'text') return texts[atom.slot] === atom.literal;
  const x = values[atom.measure] ?? NaN;
  if (x === unsure) return true;
  return atom.kind === 'atLeast' ? x >= atom.at : atom.kind === 'atMost' ? x <= atom.at : x === atom.at;
}

function load(rows: EventRows, { texts, asBytes }: Row): void {
  const encoded = texts.map((text) => new TextEncoder().encode(text ?? ''));
  const bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  rows.bytes = bytes;
  texts.forEach((text, slot) => {
    const own = encoded[slot] as Uint8Array;
    bytes.set(own, at);
    if (text !== undefined && asBytes) rows.texts[slot]?.setBytes(0, at, own.length);
    else rows.texts[slot]?.setText(0, text);
    at += own.length;
  });
}

describe('the index of rules', () => {
  it('finds every rule whose covers all hold, and none whose covers all fail, in ascending order, whatever it has learned from the rows before', () => {
    fc.assert(fc.property(fc.array(arbCovers, { minLength: 1, maxLength: 70 }), fc.array(arbRow, { minLength: 1, maxLength: 12 }), (alternatives, seen) => {
      const rows = new EventRows([0, 1].map((slot) => ({ name: `f${slot}`, type: 'string' as const, scale: 0, isMixed: false })), 1);
      const index = new RuleIndex({ alternatives, costs: [0.2, 0.2, 5], rows });
      // Long enough that covers are chosen anew from what was seen.
      for (let turn = 0; turn < 500; turn++) {
        const row = seen[turn % seen.length] as Row;
        load(rows, row);
        const count = index.find(Float64Array.from(row.values), 0);
        if (turn > 20 && turn < 380) continue;
        const found = [...index.found.subarray(0, count)];
        expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
        alternatives.forEach((covers, rule) => {
          const held = covers.filter((cover) => cover.some((atom) => holds(atom, row)));
          if (held.length === covers.length) expect(found).toContain(rule);
          if (covers.length > 0 && held.length === 0) expect(found).not.toContain(rule);
        });
      }
    }), { numRuns: 40 });
  });

  it('puts rules under what is true most rarely, once it has seen enough', () => {
    const rows = new EventRows([], 1);
    const often: Cover = [{ kind: 'atLeast', measure: 0, at: 1_000 }];
    const seldom: Cover = [{ kind: 'atLeast', measure: 1, at: 0 }];
    const index = new RuleIndex({ alternatives: Array.from({ length: 10 }, () => [often, seldom]), costs: [0.2, 0.2], rows });
    const values = Float64Array.of(5_000, -1);
    expect(index.find(values, 0)).toBe(10);
    for (let i = 0; i < 400; i++) index.find(values, 0);
    expect(index.find(values, 0)).toBe(0);
  });
});
