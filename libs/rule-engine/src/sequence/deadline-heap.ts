// `as` behind an index: places lie below the size.
import { grown } from './columns.js';

/** Deadlines of slots as a binary heap in two columns. */
export class DeadlineHeap {
  private ats = new Float64Array(64);
  private slots = new Int32Array(64);
  private count = 0;

  get size(): number { return this.count; }
  /** The earliest instant; Infinity when there is none. */
  get firstAt(): number { return this.count === 0 ? Infinity : this.ats[0] as number; }
  /** Slot of the earliest; of no meaning when there is none. */
  get first(): number { return this.slots[0] as number; }

  add(at: number, slot: number): void {
    if (this.count === this.ats.length) {
      this.ats = grown(this.ats, 2 * this.count);
      this.slots = grown(this.slots, 2 * this.count);
    }
    const { ats, slots } = this;
    let place = this.count++;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (at >= (ats[parent] as number)) break;
      ats[place] = ats[parent] as number;
      slots[place] = slots[parent] as number;
      place = parent;
    }
    ats[place] = at;
    slots[place] = slot;
  }

  /** Drops the earliest. */
  removeFirst(): void {
    if (this.count === 0) return;
    this.count--;
    if (this.count > 0) this.sink(this.ats[this.count] as number, this.slots[this.count] as number);
  }

  /** Drops all but some. */
  retain(keep: (at: number, slot: number) => boolean): void {
    const { ats, slots, count } = this;
    this.count = 0;
    // What is added lies at places that were read.
    for (let i = 0; i < count; i++) {
      const [at, slot] = [ats[i] as number, slots[i] as number];
      if (keep(at, slot)) this.add(at, slot);
    }
  }

  /** Calls back with each deadline, in no order. */
  forEach(visit: (at: number, slot: number) => void): void { for (let i = 0; i < this.count; i++) visit(this.ats[i] as number, this.slots[i] as number); }

  /** Puts a deadline at the top or, while one below is earlier, below. */
  private sink(at: number, slot: number): void {
    const { ats, slots, count } = this;
    let place = 0;
    for (let child = 1; child < count; child = 2 * place + 1) {
      if (child + 1 < count && (ats[child + 1] as number) < (ats[child] as number)) child++;
      if ((ats[child] as number) >= at) break;
      ats[place] = ats[child] as number;
      slots[place] = slots[child] as number;
      place = child;
    }
    ats[place] = at;
    slots[place] = slot;
  }
}
