/** One thing that can be taken back. */
export interface Undoable {
  readonly id: number;
  /** What was done, for the toast: `Confirmed fraud on acct 4921`. */
  readonly label: string;
  readonly at: number;
  /** Until when it works. */
  readonly until: number;
}

export const undoDepth = 20;

/** Puts the newest thing on top; the oldest falls off at 20. */
export function pushUndo<T extends Undoable>(stack: readonly T[], item: T): readonly T[] {
  return [...stack, item].slice(-undoDepth);
}

/** The newest thing that still can be undone at `now`, and the stack without it and without everything that ran out. */
export function popUndo<T extends Undoable>(stack: readonly T[], now: number): { readonly item: T | undefined; readonly rest: readonly T[] } {
  const valid = stack.filter((u) => now < u.until);
  return { item: valid.at(-1), rest: valid.slice(0, -1) };
}

/** Takes one thing out wherever it is: its own toast's button was pressed. */
export function takeUndo<T extends Undoable>(stack: readonly T[], id: number, now: number): { readonly item: T | undefined; readonly rest: readonly T[] } {
  const item = stack.find((u) => u.id === id && now < u.until);
  return { item, rest: stack.filter((u) => u.id !== id) };
}
