/** Where a command writes. Results go to `out`, everything for people beside them to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Resolves when what was written to `out` no longer waits in memory. */
  drained(): Promise<void>;
  /** True when `err` is a terminal: progress bars only then. */
  readonly isInteractive: boolean;
  readonly columns: number;
}

export const processTerminal: Terminal = {
  out: (text) => { process.stdout.write(text); },
  err: (text) => { process.stderr.write(text); },
  drained: () => new Promise((resolve) => {
    if (process.stdout.writableNeedDrain) process.stdout.once('drain', resolve);
    else resolve();
  }),
  isInteractive: process.stderr.isTTY === true,
  get columns() { return process.stderr.columns || 80; },
};

/** What a command ends with: 0 all well, 1 it ran and the answer is bad (findings, failed tests, rejected events), 2 it could not run. */
export const exitCode = { ok: 0, findings: 1, unusable: 2 } as const;

/** A reason why the command cannot run, in one sentence for people: printed without a stack, exit code 2. */
export class CommandError extends Error {}
