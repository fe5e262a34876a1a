import type { Problem } from '@weir/contracts';

/** A request that did not succeed. `status` 0: no answer came (network, server down). */
export class ApiFailure extends Error {
  constructor(readonly status: number, readonly problem: Problem | undefined, readonly retryAfterMs?: number | undefined) {
    super(problem?.detail ?? problem?.title ?? (status === 0 ? 'The server did not answer.' : `The server answered ${status}.`));
    this.name = 'ApiFailure';
  }
  /** Short code to copy into a report. */
  get code(): string {
    return this.problem?.code ?? (this.status === 0 ? 'NET' : `HTTP-${this.status}`);
  }
}

let csrfToken = '';
/** Token that unsafe methods must carry; comes with every `Me`. */
export function setCsrfToken(token: string): void { csrfToken = token; }

type Listener = () => void;
const expiryListeners = new Set<Listener>();
/** Calls back when an answer says that the session has ended (401 anywhere but at login). */
export function onSessionExpired(listener: Listener): () => void {
  expiryListeners.add(listener);
  return () => { expiryListeners.delete(listener); };
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** Version the change was made against. */
  readonly ifMatch?: string | number;
  readonly signal?: AbortSignal | undefined;
  /** True for `/v1/login` and the first `/v1/me`: 401 is an ordinary answer there. */
  readonly mayBeSignedOut?: boolean;
}

function problemOf(body: unknown): Problem | undefined {
  if (typeof body !== 'object' || body === null || !('title' in body) || typeof body.title !== 'string') return undefined;
  // The server writes problems from the same contract; only what is shown was checked.
  return { type: 'about:blank', status: 0, code: '', ...(body as Partial<Problem>), title: body.title };
}

/**
 * One call of the API on this origin.
 *
 * @returns the parsed body, `undefined` for 204. The server builds its answers from the same contracts, so they are not parsed again.
 * @throws ApiFailure for every answer that is not 2xx and when none came. AbortError passes through.
 */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const method = options.method ?? 'GET';
  const headers = new Headers({ accept: 'application/json' });
  if (options.body !== undefined) headers.set('content-type', 'application/json');
  if (options.ifMatch !== undefined) headers.set('if-match', `"${options.ifMatch}"`);
  if (method !== 'GET') headers.set('x-csrf-token', csrfToken);
  let response: Response;
  try {
    response = await fetch(path, { method, headers, credentials: 'same-origin', body: options.body === undefined ? null : JSON.stringify(options.body), signal: options.signal ?? null });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiFailure(0, undefined);
  }
  const text = response.status === 204 ? '' : await response.text();
  const body: unknown = text && (response.headers.get('content-type') ?? '').includes('json') ? JSON.parse(text) : undefined;
  if (response.ok) return body as T; // written by the server from the same contract
  if (response.status === 401 && !options.mayBeSignedOut) for (const listener of expiryListeners) listener();
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  throw new ApiFailure(response.status, problemOf(body), Number.isFinite(seconds) ? seconds * 1_000 : undefined);
}
