import { emptyKey, KeyInterner } from '@weir/stream-core';
import { KeyWriter } from '../compile/event-rows.js';

/** Where the bytes of a key lie: valid until the next key is asked for. */
export interface KeyBytes { readonly bytes: Uint8Array; readonly from: number; readonly length: number }

/** No key: slots of keys are above it. */
export const noSlot = emptyKey;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true }); // a key may begin with U+FEFF

/** Keys that have something under way, by number: what they have lies elsewhere, by that number. A key that goes leaves its number to another one. */
export class KeySlots {
  private readonly interner: KeyInterner;
  private readonly writer = new KeyWriter();

  /** @param seed of the hashes: who does not know it cannot choose keys that collide. */
  constructor(seed: number) { this.interner = new KeyInterner(seed); }

  get size(): number { return this.interner.size; }
  /** Every slot given out so far is below this. */
  get capacity(): number { return this.interner.capacity; }

  /** The bytes of a key's text. */
  bytesOf(text: string): KeyBytes {
    const { writer } = this;
    writer.clear();
    writer.text(text);
    return { bytes: writer.bytes, from: 0, length: writer.length };
  }

  /** Slot of a key; {@link noSlot} when it has nothing under way. */
  find({ bytes, from, length }: KeyBytes): number { return this.interner.find(bytes, from, length); }

  /** A slot for a key that has none. */
  add({ bytes, from, length }: KeyBytes): number { return this.interner.intern(bytes, from, length); }

  remove(slot: number): void { this.interner.release(slot); }

  textOf(slot: number): string { return decoder.decode(this.interner.bytesOf(slot)); }
}
