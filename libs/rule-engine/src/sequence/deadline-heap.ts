/** Something with a key that is to be looked at in time; the queue notes its place there. */
export interface Due {
  readonly key: string;
  /** The earliest instant asked for; Infinity when none is. Only the queue writes it. */
  dueAt: number;
}

/** Is one deadline before another? In order of instant, then key: what a stored or restored queue gives out does not depend on how it was filled. */
export function isBefore(at: number, { key }: Due, otherAt: number, other: Due): boolean { return at < otherAt || (at === otherAt && key < other.key); }

/** Deadlines as a binary heap: instants lie side by side, so that most of them are compared without looking at a key. */
export class DeadlineHeap<T extends Due> {
  private ats: number[] = [];
  private dues: T[] = [];

  get size(): number { return this.ats.length; }
  /** The earliest instant; Infinity when there is none. */
  get firstAt(): number { return this.ats.length === 0 ? Infinity : this.ats[0] as number; }
  get first(): T | undefined { return this.dues[0]; }

  add(at: number, due: T): void {
    const { ats, dues } = this;
    let place = ats.length;
    ats.push(at);
    dues.push(due);
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (!isBefore(at, due, ats[parent] as number, dues[parent] as T)) break;
      ats[place] = ats[parent] as number;
      dues[place] = dues[parent] as T;
      place = parent;
    }
    ats[place] = at;
    dues[place] = due;
  }

  /** Drops the earliest. */
  removeFirst(): void {
    const at = this.ats.pop();
    const due = this.dues.pop();
    if (at !== undefined && due !== undefined && this.ats.length > 0) this.sink(0, at, due);
  }

  retain(keep: (at: number, due: T) => boolean): void {
    const { ats, dues } = this;
    this.ats = [];
    this.dues = [];
    for (let i = 0; i < ats.length; i++) if (keep(ats[i] as number, dues[i] as T)) this.add(ats[i] as number, dues[i] as T);
  }

  /** Puts a deadline at a place or, while one below is earlier, below. */
  private sink(from: number, at: number, due: T): void {
    const { ats, dues } = this;
    let place = from;
    for (let child = 1; child < ats.length; child = 2 * place + 1) {
      if (child + 1 < ats.length && isBefore(ats[child + 1] as number, dues[child + 1] as T, ats[child] as number, dues[child] as T)) child++;
      if (!isBefore(ats[child] as number, dues[child] as T, at, due)) break;
      ats[place] = ats[child] as number;
      dues[place] = dues[child] as T;
      place = child;
    }
    ats[place] = at;
    dues[place] = due;
  }
}
