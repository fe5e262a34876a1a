// `as` behind an index: rules, measures and words are counted when the index is made, so they are there; this runs per row, without a check.
import { unsure } from './index-atoms.js';
import type { Atom, Cover } from './index-atoms.js';
import type { EventRows } from './event-rows.js';
import { TextLookup } from './text-lookup.js';

/** What the index is made of: for each rule the covers of which any one suffices, none when it is always a candidate. */
export interface IndexedRules { readonly alternatives: readonly (readonly Cover[])[]; /** Of each measure, in evaluations of a rule. */ readonly costs: readonly number[]; readonly rows: EventRows }

/** Rules that a number of the row makes candidates, in order of their thresholds. */
interface Thresholds { readonly at: Float64Array; readonly rules: Int32Array }

/** Values of the row are looked at now and then, to index each rule by what costs least: at first often, later seldom. */
const samplings = [{ every: 3, samples: 128 }, { every: 61, samples: 256 }, { every: 997, samples: 256 }] as const;
const mostSamples = 256;
/** A rule changes its cover when the new one costs less than this part of the old one. */
const worthwhile = 0.8;

/**
 * Of many rules those that may be true for the current row. Each rule stands under one of its covers: numbers against sorted
 * thresholds, strings against values by hash, so an event costs one comparison for each number and one look-up for each
 * string field, and a step for each candidate.
 *
 * It only prunes: a candidate's condition decides. Which cover a rule stands under follows the data and changes no alert.
 */
export class RuleIndex {
  private readonly chosen: Int32Array;
  private readonly lowest: Float64Array;
  private readonly highest: Float64Array;
  private low: readonly Thresholds[] = [];
  private high: readonly Thresholds[] = [];
  private equal: readonly { readonly measure: number; readonly rules: ReadonlyMap<number, Int32Array>; readonly all: Int32Array }[] = [];
  private texts: { readonly lookup: TextLookup; readonly rules: readonly Int32Array[] }[] = [];
  private readonly lookups: readonly { readonly slot: number; readonly lookup: TextLookup }[];
  /** Bits of the rules that no cover prunes; and those of the row at hand. */
  private readonly always: Int32Array;
  private readonly marks: Int32Array;
  private readonly candidates: Int32Array;

  /** Measures that some rule stands under; for a row that is sampled, all. */
  private readonly used: Uint8Array;
  /** How many atoms speak of each measure. */
  private readonly sharing: Int32Array;
  private readonly all: Uint8Array;

  private phase = 0;
  private untilSample: number = samplings[0].every;
  private sampleCount = 0;
  private readonly sampledNumbers: readonly Float64Array[];
  private readonly sampledTexts: readonly Int32Array[];

  constructor(private readonly indexed: IndexedRules) {
    const { alternatives, costs, rows } = indexed;
    const measureCount = costs.length;
    this.used = new Uint8Array(measureCount);
    this.all = new Uint8Array(measureCount).fill(1);
    const words = (alternatives.length + 31) >>> 5;
    this.always = new Int32Array(words);
    this.marks = new Int32Array(words);
    this.candidates = new Int32Array(alternatives.length);
    this.lowest = new Float64Array(measureCount);
    this.highest = new Float64Array(measureCount);
    const literals = new Map<number, Set<string>>();
    this.sharing = new Int32Array(measureCount);
    for (const atom of alternatives.flat(2)) {
      if (atom.kind !== 'text') {
        this.sharing[atom.measure] = (this.sharing[atom.measure] ?? 0) + 1;
        continue;
      }
      const known = literals.get(atom.slot);
      if (known === undefined) literals.set(atom.slot, new Set([atom.literal]));
      else known.add(atom.literal);
    }
    this.lookups = [...literals].map(([slot, values]) => ({ slot, lookup: new TextLookup(rows, slot, [...values]) }));
    this.sampledNumbers = Array.from({ length: measureCount }, () => new Float64Array(mostSamples));
    this.sampledTexts = this.lookups.map(() => new Int32Array(mostSamples));
    this.chosen = Int32Array.from(alternatives, (covers) => leastOf(covers, (cover) => guessedRate(cover) + this.shareOf(cover)));
    this.arrange();
  }

  /** How many rules are candidates for every row: nothing in their conditions can be indexed. */
  get alwaysCount(): number { return this.indexed.alternatives.filter((covers) => covers.length === 0).length; }

  /** Which measures the next row is to bring: 1. */
  get needed(): Uint8Array { return this.untilSample === 1 ? this.all : this.used; }

  /**
   * Candidates of the row, ascending, in {@link found}.
   * @param values the measures of the row. @returns how many.
   */
  find(values: Float64Array, row: number): number {
    if (--this.untilSample === 0) this.sample(values, row);
    const { lowest, highest, marks } = this;
    for (let m = 0; m < lowest.length; m++) {
      const x = values[m] as number;
      if (x >= (lowest[m] as number)) this.markLow(m, x);
      if (x <= (highest[m] as number) || x === unsure) this.markHigh(m, x);
    }
    for (const { measure, rules, all } of this.equal) {
      const x = values[measure] as number;
      const found = x === unsure ? all : rules.get(x);
      if (found !== undefined) mark(found, marks);
    }
    for (let i = 0; i < this.texts.length; i++) {
      const { lookup, rules } = this.texts[i] as { lookup: TextLookup; rules: readonly Int32Array[] };
      const place = lookup.find(row);
      if (place >= 0) mark(rules[place] as Int32Array, marks);
    }
    return this.collect();
  }

  get found(): Int32Array { return this.candidates; }

  /** What the cover's measures cost each of the rules that may share them. */
  private shareOf(cover: Cover): number {
    return cover.reduce((sum, atom) => (atom.kind === 'text' ? sum : sum + (this.indexed.costs[atom.measure] ?? 0) / (this.sharing[atom.measure] ?? 1)), 0);
  }

  private collect(): number {
    const { marks, always, candidates } = this;
    let count = 0;
    for (let word = 0; word < marks.length; word++) {
      let bits = marks[word] as number;
      if (bits === 0) continue;
      marks[word] = always[word] as number;
      while (bits !== 0) {
        const lowest = bits & -bits;
        candidates[count++] = (word << 5) + 31 - Math.clz32(lowest);
        bits ^= lowest;
      }
    }
    return count;
  }

  private markLow(m: number, x: number): void {
    const { marks } = this;
    const { at, rules } = this.low[m] as Thresholds;
    for (let i = 0; i < at.length && (at[i] as number) <= x; i++) {
      const rule = rules[i] as number;
      marks[rule >>> 5] = (marks[rule >>> 5] as number) | (1 << (rule & 31));
    }
  }

  private markHigh(m: number, x: number): void {
    const { marks } = this;
    const { at, rules } = this.high[m] as Thresholds;
    for (let i = 0; i < at.length && ((at[i] as number) >= x || x === unsure); i++) {
      const rule = rules[i] as number;
      marks[rule >>> 5] = (marks[rule >>> 5] as number) | (1 << (rule & 31));
    }
  }

  /** Lays the tables out for the chosen covers. */
  private arrange(): void {
    const { alternatives, costs } = this.indexed;
    const measureCount = costs.length;
    this.always.fill(0);
    const atoms = alternatives.flatMap((covers, rule) => {
      const cover = covers[this.chosen[rule] as number];
      if (cover === undefined) this.always[rule >>> 5] = (this.always[rule >>> 5] as number) | (1 << (rule & 31));
      return (cover ?? []).map((atom) => ({ atom, rule }));
    });
    this.marks.set(this.always);
    this.used.fill(0);
    for (const { atom } of atoms) if (atom.kind !== 'text') this.used[atom.measure] = 1;
    const numbers = (kind: 'atLeast' | 'atMost'): readonly Thresholds[] => {
      const groups = Array.from({ length: measureCount }, (): { at: number; rule: number }[] => []);
      for (const { atom, rule } of atoms) if (atom.kind === kind) groups[atom.measure]?.push({ at: atom.at, rule });
      return groups.map((group) => {
        group.sort((a, b) => (kind === 'atLeast' ? a.at - b.at : b.at - a.at));
        return { at: Float64Array.from(group, ({ at }) => at), rules: Int32Array.from(group, ({ rule }) => rule) };
      });
    };
    this.low = numbers('atLeast');
    this.high = numbers('atMost');
    for (let m = 0; m < measureCount; m++) {
      this.lowest[m] = this.low[m]?.at[0] ?? NaN;
      this.highest[m] = this.high[m]?.at[0] ?? NaN;
    }
    const equals = new Map<number, Map<number, number[]>>();
    for (const { atom, rule } of atoms) if (atom.kind === 'equal') listIn(mapIn(equals, atom.measure), atom.at).push(rule);
    this.equal = [...equals].map(([measure, byValue]) => ({ measure, rules: new Map([...byValue].map(([at, rules]) => [at, Int32Array.from(rules)])), all: Int32Array.from([...byValue.values()].flat()) }));
    this.texts = this.lookups.flatMap(({ slot, lookup }) => {
      const rules = lookup.literals.map((): number[] => []);
      const places = new Map(lookup.literals.map((literal, place) => [literal, place]));
      for (const { atom, rule } of atoms) if (atom.kind === 'text' && atom.slot === slot) rules[places.get(atom.literal) ?? -1]?.push(rule);
      return rules.every(({ length }) => length === 0) ? [] : [{ lookup, rules: rules.map((list) => Int32Array.from(list)) }];
    });
  }

  private sample(values: Float64Array, row: number): void {
    const phase = samplings[this.phase] as (typeof samplings)[number];
    this.untilSample = phase.every;
    const at = this.sampleCount++;
    for (let m = 0; m < values.length; m++) (this.sampledNumbers[m] as Float64Array)[at] = values[m] as number;
    this.lookups.forEach(({ lookup }, i) => { (this.sampledTexts[i] as Int32Array)[at] = lookup.find(row); });
    if (this.sampleCount < phase.samples) return;
    this.choose();
    this.sampleCount = 0;
    this.phase = Math.min(this.phase + 1, samplings.length - 1);
  }

  /** Puts each rule under the cover that costs least by the sampled rows: how often it is true, and its share of the measure. */
  private choose(): void {
    const { alternatives } = this.indexed;
    const count = this.sampleCount;
    const sorted = this.sampledNumbers.map((column) => column.slice(0, count).sort()); // NaN comes last
    const shares = this.lookups.map(({ lookup, slot }, i) => {
      const hits = new Map<string, number>();
      for (let at = 0; at < count; at++) {
        const literal = lookup.literals[this.sampledTexts[i]?.[at] ?? -1];
        if (literal !== undefined) hits.set(literal, (hits.get(literal) ?? 0) + 1);
      }
      return { slot, hits };
    });
    const hitsOf = (atom: Atom): number => {
      if (atom.kind === 'text') return shares.find(({ slot }) => slot === atom.slot)?.hits.get(atom.literal) ?? 0;
      const column = sorted[atom.measure] as Float64Array;
      const known = below(column, NaN);
      const less = below(column, atom.at);
      if (atom.kind === 'atLeast') return known - less;
      const upTo = below(column, nextAbove(atom.at));
      return (atom.kind === 'atMost' ? upTo : upTo - less) + known - below(column, unsure);
    };
    const cost = (cover: Cover): number => cover.reduce((sum, atom) => sum + (hitsOf(atom) + guessedRate([atom])) / (count + 1), this.shareOf(cover));
    let isChanged = false;
    alternatives.forEach((covers, rule) => {
      const now = covers[this.chosen[rule] as number];
      if (now === undefined || covers.length === 1) return;
      const best = leastOf(covers, cost);
      if (cost(covers[best] as Cover) >= worthwhile * cost(now)) return;
      this.chosen[rule] = best;
      isChanged = true;
    });
    if (isChanged) this.arrange();
  }
}

function mark(rules: Int32Array, marks: Int32Array): void {
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i] as number;
    marks[rule >>> 5] = (marks[rule >>> 5] as number) | (1 << (rule & 31));
  }
}

/** How often a cover is true before anything was seen: high thresholds and single values seldom. */
function guessedRate(cover: Cover): number {
  return cover.reduce((sum, atom) => sum + (atom.kind === 'atLeast' ? 1 / (1 + Math.max(0, atom.at)) : atom.kind === 'atMost' ? 0.7 : 0.1), 0);
}

function leastOf(covers: readonly Cover[], cost: (cover: Cover) => number): number {
  let best = 0;
  covers.forEach((cover, i) => { if (cost(cover) < cost(covers[best] as Cover)) best = i; });
  return best;
}

/** How many numbers of a sorted column are less than `at`; of NaN, all that are known. */
function below(column: Float64Array, at: number): number {
  let [from, to] = [0, column.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const x = column[middle] as number;
    if (at !== at ? x === x : x < at) from = middle + 1;
    else to = middle;
  }
  return from;
}

function nextAbove(x: number): number { return x + Math.max(Math.abs(x), Number.MIN_VALUE) * Number.EPSILON; }

function mapIn<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const made = new Map<L, V>();
  maps.set(key, made);
  return made;
}
function listIn<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const made: V[] = [];
  lists.set(key, made);
  return made;
}
