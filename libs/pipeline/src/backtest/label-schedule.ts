/** What the schedule needs to know of an event. */
interface Dated { readonly ts: number }

/**
 * Labels that become known later than the event they speak of, waiting for their place in the order.
 *
 * Layout: one array sorted by ts, first come first among equals, with the index of the first that still waits.
 * A label due at t lies before every event dated t or later. With one delay and a source in time order an insertion is
 * O(1); a label out of order moves back over those dated after it.
 */
export class LabelSchedule<T extends Dated> {
  #waiting: T[] = [];
  #first = 0;

  get size(): number { return this.#waiting.length - this.#first; }

  add(label: T): void {
    let at = this.#waiting.length;
    while (at > this.#first && dateOf(this.#waiting[at - 1]) > label.ts) at -= 1;
    if (at === this.#waiting.length) this.#waiting.push(label);
    else this.#waiting.splice(at, 0, label);
  }

  /** Takes out, in order, what is due at `ts` or before: it lies before an event of that date. */
  takeDue(ts: number): readonly T[] {
    let end = this.#first;
    while (end < this.#waiting.length && dateOf(this.#waiting[end]) <= ts) end += 1;
    if (end === this.#first) return [];
    const due = this.#waiting.slice(this.#first, end);
    this.#first = end;
    // Amortised O(1): the front is cut off only when it is the larger half.
    if (this.#first > 1024 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    return due;
  }

  /** Takes out all that still waits, in order: the source has ended. */
  takeAll(): readonly T[] { return this.takeDue(Infinity); }
}

function dateOf(label: Dated | undefined): number { return label?.ts ?? Infinity; }
