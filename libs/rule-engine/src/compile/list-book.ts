import type { ListChange } from '@weir/contracts';
import { emptyKey, KeyInterner } from '@weir/stream-core';

const encoder = new TextEncoder();

interface Change { readonly ts: number; readonly seq: number; readonly isAdd: boolean }

/**
 * Named lists with their history: an entry counts for an event at t by its last change dated <= t, so an event out of
 * order sees the list as it was. Changes are few and made by people; all are kept.
 */
export class ListBook {
  private readonly lists = new Map<string, Map<string, Change[]>>();
  private readonly all: ListChange[] = [];

  /** By list: every value it has ever held, as UTF-8. */
  private readonly everHeld = new Map<string, KeyInterner>();

  get changes(): readonly ListChange[] { return this.all; }

  /** Changes come in seq order. */
  change(change: ListChange): void {
    this.all.push(change);
    const list = this.lists.get(change.list) ?? new Map<string, Change[]>();
    this.lists.set(change.list, list);
    const history = list.get(change.value) ?? [];
    list.set(change.value, history);
    const at = history.findLastIndex((one) => one.ts <= change.ts) + 1;
    const values = this.everHeld.get(change.list) ?? new KeyInterner(1);
    this.everHeld.set(change.list, values);
    const bytes = encoder.encode(change.value);
    values.intern(bytes, 0, bytes.length);
    history.splice(at, 0, { ts: change.ts, seq: change.seq, isAdd: change.change === 'add' });
  }

  /** False: the value of these bytes (UTF-8) was never in the list, at whatever time. Costs no string. */
  mayHold(list: string, bytes: Uint8Array, from: number, length: number): boolean {
    const values = this.everHeld.get(list);
    return values !== undefined && values.find(bytes, from, length) !== emptyKey;
  }

  /** @param beforeSeq arrival mode: only changes before the event in seq; Infinity in watermark mode. */
  isListed(list: string, value: string, ts: number, beforeSeq: number): boolean {
    const history = this.lists.get(list)?.get(value);
    if (history === undefined) return false;
    for (let i = history.length - 1; i >= 0; i--) {
      const change = history[i];
      if (change !== undefined && change.ts <= ts && change.seq < beforeSeq) return change.isAdd;
    }
    return false;
  }
}
