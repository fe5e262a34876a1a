import type { ListChange } from '@weir/contracts';

/**
 * The list changes that still count, kept by the host because a list has no span: an engine that is built later and
 * warmed from the middle of the log must be told them first.
 *
 * Layout: changes in seq order. A change is forgotten when a later one of the same entry is older than `retentionMs`
 * before the newest event: no event that can still be evaluated lies before that.
 */
export class ListHistory {
  #changes: ListChange[];

  constructor(changes: readonly ListChange[] = []) { this.#changes = [...changes]; }

  add(change: ListChange): void { this.#changes.push(change); }

  /** In seq order, those before `seq`. */
  before(seq: number): readonly ListChange[] { return this.#changes.filter((change) => change.seq < seq); }

  all(): readonly ListChange[] { return this.#changes; }

  /** Forgets what an engine that begins at `fromTs` cannot see. O(n). */
  forgetBefore(fromTs: number): void {
    const superseded = new Map<string, number>();
    for (const { list, value, ts, seq } of this.#changes) {
      if (ts <= fromTs) superseded.set(`${list}\u001f${value}`, seq);
    }
    this.#changes = this.#changes.filter(({ list, value, seq }) => seq >= (superseded.get(`${list}\u001f${value}`) ?? 0));
  }
}
