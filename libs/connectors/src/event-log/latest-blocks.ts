/** Blocks of records by where they begin, the latest kept: at most `capacity`, the one put longest ago goes first. */
export class LatestBlocks<B> {
  private readonly blocks = new Map<string, B>();

  constructor(private readonly capacity: number) {}

  get(key: string): B | undefined { return this.blocks.get(key); }

  put(key: string, block: B): void {
    this.blocks.delete(key); // the newest is the last
    this.blocks.set(key, block);
    const oldest = this.blocks.size > this.capacity ? this.blocks.keys().next().value : undefined;
    if (oldest !== undefined) this.blocks.delete(oldest);
  }
}
