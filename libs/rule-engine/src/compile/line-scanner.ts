// `as` behind an index: bytes are read up to the end of their line and slots come from the plan, so they are there; loops per byte have no room for checks.
import type { LinearMemory } from '@weir/stream-core';
import type { EventRows } from './event-rows.js';
import { generateScan } from './generate-scan.js';
import type { Scan } from './generate-scan.js';
import { ScanKernel } from './scan-kernel.js';
import { isEveryEvents } from '../plan/field-slots.js';
import type { StatePlan } from '../plan/state-plan.js';

const quote = 34;
const backslash = 92;
const newline = 10;
const maxTemplates = 8;
/** Kernels read once what lines have in common, so they hold more. */
const maxKernelTemplates = 16;
/** Lines that are read without a kernel before one is made; each further kernel waits for twice as many. */
const linesBeforeKernel = 128;

/** What follows a key: how its value is read, and where to. */
export type ValueKind = 'id' | 'ts' | 'type' | 'text' | 'decimal' | 'int' | 'bool' | 'skipText' | 'skipNumber' | 'skipBool';
/** One key of a line with its value. */
export interface Part {
  /** Bytes up to the value: `{"id":` or `,"amount":`; for `type` the value too. */
  readonly literal: Uint8Array;
  readonly kind: ValueKind;
  readonly slot: number;
  readonly scale: number;
}
/** One order of keys as seen in a line, for one event type. */
export interface Template { readonly type: number; readonly parts: readonly Part[]; /** Slots that no part fills. */ readonly slots: readonly number[] }
interface Learned { readonly template: Template; readonly scan: Scan; isInKernel: boolean; /** Read without a kernel, since the last one was made. */ lines: number }

/**
 * Reads NDJSON lines of events straight into columns, without making objects.
 *
 * It learns the order of keys from lines parsed the slow way and then expects exactly those bytes; every literal is
 * compared. Any surprise (other keys or order, escapes, bytes beyond ASCII in a string, exponents, numbers too long,
 * `null`, a nested value) makes it step back, and the caller parses that line with the whole machinery. Values must be of
 * the declared kind; beyond that nothing is validated: lines are events that intake has accepted.
 */
export class LineScanner {
  private readonly templates: Learned[] = [];
  /** Where the value just read ended. */
  private at = 0;

  /** Where the lines read by {@link scanRows} begin, by row; behind the last one, where reading stopped. */
  readonly lineStart: Int32Array;
  private kernel: ScanKernel | undefined;
  /** Lines still to be read without a kernel before the next one is made, and how many that were at first. */
  private linesLeft = linesBeforeKernel;
  private patience = linesBeforeKernel;
  private readonly placeSlots: readonly number[];

  /** @param memory where the rows' columns lie: lines that lie there too are read by a kernel. */
  constructor(private readonly plan: Pick<StatePlan, 'slots'>, private readonly rows: EventRows, private readonly fieldTypes: readonly ReadonlyMap<string, string>[], private readonly generates: boolean, private readonly memory?: LinearMemory) {
    this.lineStart = memory?.i32(rows.capacity + 1) ?? new Int32Array(rows.capacity + 1);
    this.placeSlots = plan.slots.flatMap(({ type }, slot) => (type === 'geo' ? [slot] : []));
  }

  /**
   * Reads lines from `from` on into the rows from `row` on, `rows` excluded; at row 0 a batch begins. Both addresses count in the rows' `bytes`, which
   * hold whole lines up to `to`; the last one may lack its newline.
   *
   * @param isInMemory do the rows' `bytes` begin at address 0 of the memory, with {@link scanSlackBytes} behind `to`?
   * @returns how many lines were read, n: until the rows were full, or `to`, or a line that is not as expected.
   * `lineStart[row + n]` is where reading stopped: `to` or one more at the end.
   */
  scanRows(from: number, to: number, row: number, rows: number, isInMemory: boolean): number {
    const { lineStart } = this;
    if (row === 0) this.rows.forgetTexts();
    let at = from;
    let next = row;
    while (next < rows && at < to) {
      const kernel = isInMemory && this.generates ? this.kernel : undefined;
      if (kernel !== undefined) {
        const read = kernel.scan(at, to, next, rows);
        this.clearPlaces(next, next + read);
        next += read;
        at = lineStart[next] as number;
        if (next === rows || at >= to) break;
      }
      const end = this.scanBut(at, to, next, kernel !== undefined);
      if (end < 0) break;
      lineStart[next++] = at;
      at = end;
      if (isInMemory) this.makeKernel();
    }
    lineStart[next] = at;
    return next - row;
  }

  /** Places are no columns of numbers: the host takes them from the rows that a kernel has read. */
  private clearPlaces(from: number, to: number): void {
    for (const slot of this.placeSlots) for (let row = from; row < to; row++) this.rows.clear(slot, row);
  }

  /** A kernel for the templates that count, once enough lines have come that none has read. */
  private makeKernel(): void {
    if (this.memory === undefined || !this.generates || --this.linesLeft > 0) return;
    const { rows, lineStart, templates, patience } = this;
    const held = templates.filter(({ isInKernel }) => isInKernel);
    const added = templates.filter(({ isInKernel, lines }) => !isInKernel && lines * maxTemplates * 2 >= patience).slice(0, maxKernelTemplates - held.length);
    for (const learned of templates) learned.lines = 0;
    this.patience *= 2;
    this.linesLeft = this.patience;
    if (added.length === 0) return;
    for (const learned of added) learned.isInKernel = true;
    const all = [...held, ...added].map(({ template }) => template);
    this.kernel = new ScanKernel(all, { type: rows.type, ts: rows.ts, id: rows.id, numbers: rows.numbers, texts: rows.texts, lineStart }, this.memory);
  }

  /**
   * Reads the line that begins at `from` into a row of `rows`, whose `bytes` hold it.
   * @returns where the next line begins; -1 when the line is not as expected: the row then holds nothing of use.
   */
  scan(from: number, to: number, row: number): number { return this.scanBut(from, to, row, false); }

  /** @param isRefused has the kernel refused the line, so that templates it has need not be tried? */
  private scanBut(from: number, to: number, row: number, isRefused: boolean): number {
    const { templates } = this;
    for (let i = 0; i < templates.length; i++) {
      const learned = templates[i] as Learned;
      if (isRefused && learned.isInKernel) continue;
      const next = learned.scan(from, to, row);
      if (next < 0) continue;
      learned.lines++;
      if (i > 0) { templates[i] = templates[0] as Learned; templates[0] = learned; }
      return next;
    }
    return -1;
  }

  private scanAs(template: Template, from: number, to: number, row: number): number {
    const { rows } = this;
    const { bytes } = rows;
    const { parts } = template;
    let at = from;
    for (let p = 0; p < parts.length; p++) {
      const part = parts[p] as Part;
      const { literal } = part;
      if (at + literal.length > to) return -1;
      for (let i = 0; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return -1;
      at += literal.length;
      switch (part.kind) {
        case 'type': continue;
        case 'id': case 'text': case 'skipText': {
          if (bytes[at] !== quote) return -1;
          const start = ++at;
          let c = bytes[at] as number;
          while (c !== quote) {
            if (!(c >= 32 && c <= 126) || c === backslash) return -1; // so asked, also behind the last byte, which compares with nothing
            c = bytes[++at] as number;
          }
          if (at >= to) return -1;
          if (part.kind === 'text') rows.texts[part.slot]?.setBytes(row, start, at - start);
          else if (part.kind === 'id') rows.id.setBytes(row, start, at - start);
          at++;
          continue;
        }
        case 'bool': case 'skipBool': {
          const value = this.bool(bytes, at);
          if (value < 0) return -1;
          if (part.kind === 'bool') (rows.numbers[part.slot] as Float64Array)[row] = value;
          at = this.at;
          continue;
        }
        default: {
          const value = this.number(bytes, at, to, part.kind === 'ts' || part.kind === 'int' ? 0 : part.kind === 'decimal' ? part.scale : 30);
          if (value !== value) return -1;
          if (part.kind === 'ts') rows.ts[row] = value;
          else if (part.kind !== 'skipNumber') (rows.numbers[part.slot] as Float64Array)[row] = value;
          at = this.at;
        }
      }
    }
    if (bytes[at] !== 125 || at >= to) return -1;
    at++;
    if (at < to && bytes[at] !== newline) return -1;
    rows.type[row] = template.type;
    for (const slot of template.slots) rows.clear(slot, row);
    return at + 1;
  }

  private bool(bytes: Uint8Array, at: number): number {
    if (bytes[at] === 116 && bytes[at + 1] === 114 && bytes[at + 2] === 117 && bytes[at + 3] === 101) { this.at = at + 4; return 1; }
    if (bytes[at] === 102 && bytes[at + 1] === 97 && bytes[at + 2] === 108 && bytes[at + 3] === 115 && bytes[at + 4] === 101) { this.at = at + 5; return 0; }
    return -1;
  }

  /** A JSON number without exponent as a multiple of 10^-scale, at most 15 digits; NaN when it is none, or finer. */
  private number(bytes: Uint8Array, from: number, to: number, scale: number): number {
    let at = from;
    const isMinus = bytes[at] === 45;
    if (isMinus) at++;
    const digits = at;
    let value = 0;
    let c = bytes[at] as number;
    while (c >= 48 && c <= 57) { value = value * 10 + (c - 48); c = bytes[++at] as number; }
    let count = at - digits;
    if (count === 0 || (count > 1 && bytes[digits] === 48)) return NaN;
    let decimals = 0;
    if (c === 46) {
      const point = at;
      c = bytes[++at] as number;
      while (c >= 48 && c <= 57) { value = value * 10 + (c - 48); c = bytes[++at] as number; }
      decimals = at - point - 1;
      count += decimals;
      if (decimals === 0) return NaN;
    }
    if (c === 101 || c === 69 || at > to) return NaN;
    this.at = at;
    // Trailing zeros past the scale are no finer value.
    while (decimals > scale && value % 10 === 0) { value /= 10; decimals--; }
    if (decimals > scale || count + scale > 15) return scale === 30 ? 0 : NaN; // 30: a number that nobody reads
    for (; decimals < scale && scale !== 30; decimals++) value *= 10;
    return isMinus ? 0 - value : value;
  }

  /** Learns the shape of a line that the slow way took as an event of this type. Lines it cannot describe are not learned. */
  learn(line: string, type: number): void {
    const template = this.describe(line, type);
    if (template === undefined) return;
    const key = (one: Template): string => `${one.type} ${one.parts.map((part) => String.fromCharCode(...part.literal)).join('\n')}`;
    if (this.templates.some((one) => key(one.template) === key(template))) return;
    this.templates.unshift({ template, isInKernel: false, lines: 0, scan: this.generates ? generateScan(template, this.rows) : (from, to, row) => this.scanAs(template, from, to, row) });
    // A kernel keeps its templates.
    const others = this.templates.filter(({ isInKernel }) => !isInKernel);
    const last = others.at(-1);
    if (others.length > maxTemplates && last !== undefined) this.templates.splice(this.templates.lastIndexOf(last), 1);
  }

  private describe(line: string, type: number): Template | undefined {
    const parts: Part[] = [];
    const present = new Set<number>();
    const encoder = new TextEncoder();
    // The line has been parsed, so it is JSON; only flat objects of plain keys, written without blanks, are described.
    const pattern = /([{,]"([A-Za-z_]\w*)":)("[^"\\]*"|-?\d+(?:\.\d+)?|true|false)/y;
    let end = 0;
    for (let found = pattern.exec(line); found !== null; found = pattern.exec(line)) {
      end = pattern.lastIndex;
      const [, head = '', name = '', value = ''] = found;
      const part = this.partOf(name, value, type);
      if (part === undefined || part.slot >= 0 && present.has(part.slot)) return undefined;
      if (part.slot >= 0) present.add(part.slot);
      parts.push({ ...part, literal: encoder.encode(part.kind === 'type' ? head + value : head) });
    }
    if (line.slice(end) !== '}') return undefined;
    const kinds = parts.map((part) => part.kind);
    if (['id', 'ts', 'type'].some((kind) => kinds.filter((one) => one === kind).length !== 1)) return undefined;
    if (new Set(parts.map((part) => String.fromCharCode(...part.literal.subarray(1)))).size !== parts.length) return undefined;
    return { type, parts, slots: this.plan.slots.flatMap(({ name }, slot) => (present.has(slot) || isEveryEvents(name) ? [] : [slot])) };
  }

  private partOf(name: string, value: string, type: number): Omit<Part, 'literal'> | undefined {
    const isText = value.startsWith('"');
    const none = { slot: -1, scale: 0 };
    if (name === 'id') return isText ? { kind: 'id', ...none } : undefined;
    if (name === 'type') return isText ? { kind: 'type', ...none } : undefined;
    if (name === 'ts') return isText ? undefined : { kind: 'ts', ...none };
    const declared = this.fieldTypes[type]?.get(name);
    const slot = this.plan.slots.findIndex((one) => one.name === name && one.type === declared);
    const isBool = value === 'true' || value === 'false';
    const wanted = isText ? 'string' : isBool ? 'bool' : 'number';
    // A value of another JSON type than the field's is left to the slow way, which knows what it means.
    switch (declared) {
      case 'string': return wanted !== 'string' ? undefined : slot < 0 ? { kind: 'skipText', ...none } : { kind: 'text', slot, scale: 0 };
      case 'bool': return wanted !== 'bool' ? undefined : slot < 0 ? { kind: 'skipBool', ...none } : { kind: 'bool', slot, scale: 0 };
      case 'decimal': return wanted !== 'number' || this.plan.slots[slot]?.isMixed === true ? undefined : slot < 0 ? { kind: 'skipNumber', ...none } : { kind: 'decimal', slot, scale: this.plan.slots[slot]?.scale ?? 0 };
      case 'int': return wanted !== 'number' ? undefined : slot < 0 ? { kind: 'skipNumber', ...none } : { kind: 'int', slot, scale: 0 };
      default: return undefined;
    }
  }
}
