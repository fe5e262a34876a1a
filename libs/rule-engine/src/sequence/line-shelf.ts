/** Copies lie beside one another: a chunk goes when the last of them does, and a collector has one buffer for many. */
const chunkBytes = 8 * 1024;

/** Copies of lines that stay as long as somebody holds them. */
export class LineShelf {
  private chunk = new Uint8Array(0);
  private used = 0;

  copyOf(line: Uint8Array): Uint8Array {
    if (this.used + line.length > this.chunk.length) {
      this.chunk = new Uint8Array(Math.max(chunkBytes, line.length));
      this.used = 0;
    }
    const copy = this.chunk.subarray(this.used, this.used + line.length);
    copy.set(line);
    this.used += line.length;
    return copy;
  }
}
