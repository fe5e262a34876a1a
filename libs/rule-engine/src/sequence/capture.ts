/**
 * The entries of a map as they are when it is made, taken later, bit by bit, while the map goes on: whoever changes a value
 * or removes it says so before, and what was not taken yet is put aside as it was.
 *
 * Cost: one entry of a set for each value taken, changed or added meanwhile.
 */
export class Capture<V extends object, S> {
  /** Taken or put aside already, or added since. */
  private readonly settled = new Set<V>();
  private readonly aside: S[] = [];
  private readonly rest: Iterator<readonly [string, V]>;

  /** @param store copies what the value holds. */
  constructor(map: ReadonlyMap<string, V>, private readonly store: (key: string, value: V) => S, private readonly ended: (capture: Capture<V, S>) => void) {
    this.rest = map.entries();
  }

  /** The value is about to be changed, or to be removed. */
  before(key: string, value: V): void {
    if (this.settled.has(value)) return;
    this.settled.add(value);
    this.aside.push(this.store(key, value));
  }

  /** The value is new in the map. */
  added(value: V): void { this.settled.add(value); }

  /** An entry not taken yet, in no order that means anything; undefined when all are taken. */
  next(): S | undefined {
    const aside = this.aside.pop();
    if (aside !== undefined) return aside;
    for (let step = this.rest.next(); step.done !== true; step = this.rest.next()) {
      const [key, value] = step.value;
      if (this.settled.has(value)) continue;
      this.settled.add(value);
      return this.store(key, value);
    }
    return undefined;
  }

  /** Nothing more is taken: changes need no longer be told. */
  end(): void { this.ended(this); }
}

/** The captures of one map that are under way: mostly none. */
export class Captures<V extends object, S> {
  private readonly open = new Set<Capture<V, S>>();

  constructor(private readonly map: ReadonlyMap<string, V>, private readonly store: (key: string, value: V) => S) {}

  begin(): Capture<V, S> {
    const made = new Capture(this.map, this.store, (capture) => this.open.delete(capture));
    this.open.add(made);
    return made;
  }

  before(key: string, value: V): void { if (this.open.size > 0) for (const capture of this.open) capture.before(key, value); }
  added(value: V): void { if (this.open.size > 0) for (const capture of this.open) capture.added(value); }
}

/** State that is given out in parts while its owner goes on. */
export interface PartedState<T> {
  /** The next part with at most about `most` events; undefined after the last. There is at least one. */
  next(most: number): T | undefined;
  /** Frees what waits for the parts that were not asked for. */
  end(): void;
}
