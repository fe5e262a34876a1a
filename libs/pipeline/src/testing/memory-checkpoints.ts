import type { CheckpointStore } from '@weir/stream-core';

/** Checkpoints in memory, the last three kept. */
export class MemoryCheckpoints implements CheckpointStore {
  #kept: { readonly seq: number; readonly name: string; bytes: Uint8Array }[] = [];
  saved = 0;

  async save(seq: number, bytes: Uint8Array): Promise<void> {
    await new Promise((resolve) => { setImmediate(resolve); });
    this.saved += 1;
    this.#kept = [{ seq, name: `checkpoint-${seq}`, bytes }, ...this.#kept.filter((one) => one.seq !== seq)].slice(0, 3);
  }

  list(): Promise<readonly { readonly seq: number; readonly name: string }[]> { return Promise.resolve(this.#kept); }

  load(name: string): Promise<Uint8Array> {
    const found = this.#kept.find((one) => one.name === name);
    return found ? Promise.resolve(found.bytes) : Promise.reject(new Error(`there is no ${name}`));
  }

  /** Changes one byte of the newest. */
  damageNewest(): void {
    const [newest] = this.#kept;
    if (!newest) return;
    newest.bytes = newest.bytes.slice();
    const at = newest.bytes.length >> 1;
    newest.bytes[at] = (newest.bytes[at] ?? 0) ^ 1;
  }
}

