const chunkBytes = 1 << 20;
const empty = new Uint8Array(0);

/**
 * Byte records in order of arrival, read back by place and dropped from the front: what windows keep of whole events.
 *
 * Layout: chunks of 1 MiB, a record never spans two; one longer than a chunk has a chunk of its own. A place is
 * chunk number times 2^20 plus offset, so places grow and fit a double.
 */
export class ByteLog {
  private readonly chunks = new Map<number, Uint8Array>();
  private firstChunk = 0;
  private lastChunk = -1;
  private used = chunkBytes;
  private last: Uint8Array = empty;

  get byteLength(): number {
    let sum = 0;
    for (const chunk of this.chunks.values()) sum += chunk.byteLength;
    return sum;
  }

  /** Copies `bytes[from, from + size)` in. @returns its place. */
  append(bytes: Uint8Array, from: number, size: number): number {
    if (this.used + size > chunkBytes) this.open(size);
    const at = this.used;
    this.last.set(from === 0 && size === bytes.length ? bytes : bytes.subarray(from, from + size), at);
    this.used += size;
    return this.lastChunk * chunkBytes + at;
  }

  /** The bytes of a record: a view, valid until it is dropped. */
  read(place: number, size: number): Uint8Array {
    const chunk = this.chunks.get(Math.floor(place / chunkBytes)) ?? empty;
    const at = place % chunkBytes;
    return chunk.subarray(at, at + size);
  }

  /** Frees what lies before the record at `place`, chunk by chunk. */
  dropBefore(place: number): void {
    const keep = Math.floor(place / chunkBytes);
    while (this.firstChunk < keep) this.chunks.delete(this.firstChunk++);
  }

  /** Frees everything. */
  clear(): void {
    this.chunks.clear();
    this.firstChunk = this.lastChunk + 1;
    this.used = chunkBytes;
    this.last = empty;
  }

  private open(size: number): void {
    this.lastChunk++;
    this.last = new Uint8Array(Math.max(size, chunkBytes));
    this.chunks.set(this.lastChunk, this.last);
    this.used = 0;
  }
}
