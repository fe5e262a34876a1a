/**
 * Checkpoints written since start, told by the instant of the newest one. Looked at every second, it misses one only when two
 * end within a second (over 200,000 events a second, by the default rate).
 */
export class CheckpointCount {
  #lastAt: number | undefined;
  #taken = 0;

  see(lastAt: number | undefined): void {
    if (lastAt === undefined || lastAt === this.#lastAt) return;
    this.#lastAt = lastAt;
    this.#taken += 1;
  }

  get taken(): number { return this.#taken; }
}
