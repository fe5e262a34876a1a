/** Bytes taken and not yet answered, with a bound. State: a number and those who wait for it to fall. */
export class InFlight {
  private taken = 0;
  private waiting: (() => void)[] = [];

  constructor(private readonly mostBytes: number) {}

  get bytes(): number { return this.taken; }
  get isFull(): boolean { return this.taken >= this.mostBytes; }

  /** Resolves when there is room; whoever comes then takes what it has, so the bound is passed by one batch at most. */
  async room(): Promise<void> {
    while (this.isFull) await new Promise<void>((resolve) => { this.waiting.push(resolve); });
  }

  take(bytes: number): void { this.taken += bytes; }

  give(bytes: number): void {
    this.taken -= bytes;
    if (this.isFull) return;
    const woken = this.waiting;
    this.waiting = [];
    for (const wake of woken) wake();
  }
}
