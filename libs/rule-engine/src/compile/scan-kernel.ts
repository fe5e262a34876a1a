import { f64, i32, i64, ModuleCode, v128 } from '@weir/stream-core';
import type { Callable, F64, FunctionCode, I32, Kernels, Label, LinearMemory, Local } from '@weir/stream-core';
import type { Template } from './line-scanner.js';
import { planScan } from './scan-kernel-plan.js';
import type { ScanBranch, ScanEnd, ScanStep } from './scan-kernel-plan.js';
import { scanLocals, writeAnyNumber, writeBool, writeEndOfText, writeNumber, writeText } from './scan-kernel-values.js';
import type { NumberTarget, ScanLocals } from './scan-kernel-values.js';

/** Columns in linear memory that lines are read into, by row. */
interface ScanLayout {
  readonly type: Int32Array;
  readonly ts: Float64Array;
  readonly id: TextRanges;
  /** By slot; of length 0 where the slot holds no numbers. */
  readonly numbers: readonly Float64Array[];
  /** By slot. */
  readonly texts: readonly TextRanges[];
  /** Where each line begins, and behind the last one where reading stopped: one place more than there are rows. */
  readonly lineStart: Int32Array;
}
/** Addresses of strings and their lengths in bytes; -1 as address: absent. */
interface TextRanges { readonly start: Int32Array; readonly size: Int32Array }

/** How far behind the last byte of its input a kernel may look, whatever lies there. */
export const scanSlackBytes = 64;

/**
 * Reads NDJSON lines of the given templates into columns, in WebAssembly: it takes the lines that {@link generateScan}
 * takes for one of them, and gives the same values.
 *
 * A module of straight code, sixteen bytes at a time: literals are compared whole, the end of a string and the digits of a
 * number are found by one comparison each. Lengths are guessed to be those of the line before, so that a processor works on
 * several fields at once. Columns and input lie below 2 GiB of the memory.
 */
export class ScanKernel {
  private readonly kernels: Kernels<'scan'>;

  constructor(templates: readonly Template[], layout: ScanLayout, memory: LinearMemory) {
    const module = new ModuleCode<'scan'>();
    const endOfText = module.function(['i32', 'i32'], 'i32', writeEndOfText);
    const anyNumber = module.function(['i32', 'i32', 'i32', 'i32'], 'i32', writeAnyNumber);
    const tree = planScan(templates);
    const lengths = memory.i32(stepsOf(tree));
    module.function(['i32', 'i32', 'i32', 'i32'], 'i32', (code) => new ScanWriter(code, layout, lengths, endOfText, anyNumber).write(tree), 'scan');
    this.kernels = module.instantiate(memory);
  }

  /**
   * Reads lines from address `from`, at most to `to`, into the rows from `row` on, `rows` excluded. The bytes up to `to` are
   * whole lines; the last one needs no newline. {@link scanSlackBytes} behind `to` must be readable.
   * @returns how many lines were read, n: up to the first that no template describes. `lineStart[row + n]` is where that one begins, or `to` and more.
   */
  scan(from: number, to: number, row: number, rows: number): number { return this.kernels.scan(from, to, row, rows); }
}

class ScanWriter {
  private readonly locals: ScanLocals;
  private readonly row4: Local<'i32'>;
  private readonly row8: Local<'i32'>;
  /** How far beyond the end of the input reading may have come here. */
  private reach = 0;
  private cells = 0;

  /** @param lengths of the values of the line before, one cell for each step. */
  constructor(private readonly code: FunctionCode, private readonly layout: ScanLayout, private readonly lengths: Int32Array, private readonly endOfText: Callable, private readonly anyNumber: Callable) {
    this.row4 = code.local('i32', i32.shl(code.param(2, 'i32'), i32.of(2)));
    this.row8 = code.local('i32');
    this.locals = scanLocals(code, code.param(0, 'i32'), code.param(1, 'i32'));
  }

  write(branch: ScanBranch): I32 {
    const { code, row4, row8, locals: { at, to }, layout: { lineStart } } = this;
    const end4 = code.local('i32', i32.shl(code.param(3, 'i32'), i32.of(2)));
    code.block((stop) => {
      code.loop((nextLine) => {
        code.store(row4, at, lineStart.byteOffset);
        code.leaveUnless(i32.ltU(row4, end4), stop);
        code.leaveUnless(i32.ltU(at, to), stop);
        code.set(row8, i32.shl(row4, i32.of(1)));
        code.block((taken) => this.branch(branch, stop, taken));
        code.increase(row4, i32.of(4));
        code.jump(nextLine);
      });
    });
    return i32.sub(i32.shrU(row4, i32.of(2)), code.param(2, 'i32'));
  }

  /** Tries the alternatives one after the other; none: `fail`. */
  private branch({ steps, ends }: ScanBranch, fail: Label, taken: Label): void {
    const { code, locals: { at } } = this;
    const ways = [
      ...steps.map(({ step, then }) => (otherwise: Label): void => { this.step(step, otherwise); this.branch(then, otherwise, taken); }),
      ...ends.map((end) => (otherwise: Label): void => this.end(end, otherwise, taken)),
    ];
    const begin = ways.length > 1 ? code.local('i32', at) : at;
    const { reach } = this;
    ways.forEach((way, i) => {
      this.reach = reach;
      if (i === ways.length - 1) { way(fail); return; }
      code.block(way);
      code.set(at, begin);
    });
  }

  private step({ literal, kind, slot, scale }: ScanStep, fail: Label): void {
    const { code, layout: { id, texts, numbers, ts }, locals, row8 } = this;
    this.literal(literal, fail);
    const column = (slot: number): number => numbers[slot]?.byteOffset ?? 0;
    switch (kind) {
      case 'id': this.text(id, fail); return;
      case 'text': this.text(texts[slot], fail); return;
      case 'skipText': this.text(undefined, fail); return;
      case 'bool': case 'skipBool':
        this.beyond(5, fail);
        writeBool(code, locals, fail, (value) => { if (kind === 'bool') code.storeF64(row8, f64.ofI32(value), column(slot)); });
        return;
      case 'ts': this.number({ row8, column: ts.byteOffset, scale: 0 }, fail); return;
      case 'int': this.number({ row8, column: column(slot), scale: 0 }, fail); return;
      case 'decimal': this.number({ row8, column: column(slot), scale }, fail); return;
      case 'skipNumber': this.number(undefined, fail);
    }
  }

  private end({ literal, type, slots }: ScanEnd, fail: Label, taken: Label): void {
    const { code, layout, row4, row8, locals: { at, to } } = this;
    this.literal(literal, fail);
    this.beyond(1, fail);
    code.jumpIf(i32.gtU(at, to), fail);
    code.if(i32.ne(i32.load8U(at), i32.of(10)), () => code.jumpIf(i32.ne(at, to), fail));
    code.store(row4, i32.of(type), layout.type.byteOffset);
    for (const slot of slots) {
      const numbers = layout.numbers[slot];
      const texts = layout.texts[slot];
      if (numbers !== undefined && numbers.length > 0) code.storeF64(row8, notANumber, numbers.byteOffset);
      else if (texts !== undefined) code.store(row4, i32.of(-1), texts.start.byteOffset);
    }
    code.increase(at, i32.of(1));
    code.jump(taken);
  }

  private text(column: TextRanges | undefined, fail: Label): void {
    this.beyond(16, fail);
    writeText(this.code, this.locals, this.endOfText, this.cell(), (start, size) => {
      if (column === undefined) return;
      this.code.store(this.row4, start, column.start.byteOffset);
      this.code.store(this.row4, size, column.size.byteOffset);
    });
  }

  private number(target: NumberTarget, fail: Label): void {
    this.beyond(17, fail);
    writeNumber(this.code, this.locals, this.anyNumber, this.cell(), fail, target);
  }

  private cell(): number { return this.lengths.byteOffset + 4 * this.cells++; }

  /** Goes past these bytes, or to `fail`. */
  private literal(bytes: Uint8Array, fail: Label): void {
    const { code, locals: { at } } = this;
    const longest = 48;
    for (let from = 0; from < bytes.length; from += longest) {
      const part = bytes.subarray(from, from + longest);
      this.beyond(part.length, fail);
      for (const condition of differences(at, part)) code.jumpIf(condition, fail);
      code.increase(at, i32.of(part.length));
    }
  }

  /** Makes sure that the next `bytes` may be looked at. */
  private beyond(bytes: number, fail: Label): void {
    const { code, locals: { at, to } } = this;
    if (this.reach + bytes > scanSlackBytes) {
      code.jumpIf(i32.gtU(at, to), fail);
      this.reach = 0;
    }
    this.reach += bytes;
  }
}

function stepsOf({ steps }: ScanBranch): number { return steps.reduce((sum, { then }) => sum + 1 + stepsOf(then), 0); }

const notANumber: F64 = f64.of(NaN);

/** Conditions of which one holds when other bytes than these lie at `at`: as few loads as cover them, some overlapping. */
function differences(at: I32, bytes: Uint8Array): I32[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const last = (width: number): number => bytes.length - width;
  const long = (offset: number): I32 => i64.ne(i64.load(at, offset), i64.of(view.getBigInt64(offset, true)));
  const word = (offset: number): I32 => i32.ne(i32.load(at, offset), i32.of(view.getInt32(offset, true)));
  if (bytes.length >= 16) {
    const starts = Array.from({ length: Math.floor(bytes.length / 16) }, (_, i) => 16 * i);
    const rest = bytes.length % 16;
    const vectors = (rest > 8 ? [...starts, last(16)] : starts).map((offset) => v128.anyTrue(v128.xor(v128.load(at, offset), v128.of(bytes.slice(offset, offset + 16)))));
    return rest > 0 && rest <= 8 ? [...vectors, long(last(8))] : vectors;
  }
  if (bytes.length >= 8) return bytes.length === 8 ? [long(0)] : [long(0), long(last(8))];
  if (bytes.length >= 4) return bytes.length === 4 ? [word(0)] : [word(0), word(last(4))];
  return Array.from(bytes, (byte, i) => i32.ne(i32.load8U(at, i), i32.of(byte)));
}
