/** What the slots of an owner hold. */
interface CapturedSlots<S> {
  /** Every slot given out so far is below this. */
  readonly capacity: number;
  /** A copy of what a slot holds; undefined when it holds nothing. */
  store(slot: number): S | undefined;
}

/**
 * What slots hold at the time it is made, taken later, bit by bit, while their owner goes on: whoever changes a slot or
 * empties it says so before, and what was not taken yet is put aside as it was.
 *
 * Cost: a byte a slot.
 */
export class Capture<S> {
  /** 1: taken or put aside already, or filled since. */
  private readonly settled: Uint8Array;
  private readonly aside: S[] = [];
  private at = 0;

  constructor(private readonly slots: CapturedSlots<S>, private readonly ended: (capture: Capture<S>) => void) { this.settled = new Uint8Array(slots.capacity); }

  /** The slot is about to be changed, or to be emptied. */
  before(slot: number): void {
    const stored = this.taken(slot);
    if (stored !== undefined) this.aside.push(stored);
  }

  /** The slot was empty and is not any more. */
  added(slot: number): void { this.settled[slot] = 1; }

  /** What a slot held that was not taken yet, in no order that means anything; undefined when all are taken. */
  next(): S | undefined {
    let stored = this.aside.pop();
    while (stored === undefined && this.at < this.settled.length) stored = this.taken(this.at++);
    return stored;
  }

  /** Nothing more is taken: changes need no longer be told. */
  end(): void { this.ended(this); }

  private taken(slot: number): S | undefined {
    if (this.settled[slot] !== 0) return undefined;
    this.settled[slot] = 1;
    return this.slots.store(slot);
  }
}

/** The captures under way of one owner's slots: mostly none. */
export class Captures<S> {
  private readonly open = new Set<Capture<S>>();

  constructor(private readonly slots: CapturedSlots<S>) {}

  begin(): Capture<S> {
    const made = new Capture(this.slots, (capture) => this.open.delete(capture));
    this.open.add(made);
    return made;
  }

  before(slot: number): void { if (this.open.size > 0) for (const capture of this.open) capture.before(slot); }
  added(slot: number): void { if (this.open.size > 0) for (const capture of this.open) capture.added(slot); }
}

/** State that is given out in parts while its owner goes on. */
export interface PartedState<T> {
  /** The next part with at most about `most` events; undefined after the last. There is at least one. */
  next(most: number): T | undefined;
  /** Frees what waits for the parts that were not asked for. */
  end(): void;
}
