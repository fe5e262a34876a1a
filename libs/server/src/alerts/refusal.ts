/** An expected refusal of the desk; mapped to HTTP in one place. */
export interface Refusal {
  readonly ok: false;
  readonly reason: 'not-found' | 'stale' | 'already-decided' | 'held' | 'not-allowed' | 'too-late' | 'changed' | 'not-yours' | 'not-decided' | 'open-alerts' | 'unknown-user' | 'other-open-case';
  readonly message: string;
  /** Who changed it, when, and the version it has now. */
  readonly by?: string | undefined;
  readonly at?: number | undefined;
  readonly version?: number | undefined;
}

export type DeskResult<T> = { readonly ok: true; readonly value: T } | Refusal;

export const notFound = (what: string, id: string): Refusal => ({ ok: false, reason: 'not-found', message: `There is no ${what} ${id}.` });
