import { setTimeout as pause } from 'node:timers/promises';
import { IngestAnswer, Problem } from '@weir/contracts';
import { CommandError } from '../terminal/terminal.js';

export interface SenderOptions {
  /** Where Weir listens, without a path. */
  readonly url: string;
  readonly key: string;
  /** Name of the source that the events come from: they come into the log in step with those of other named sources. */
  readonly source?: string | undefined;
  /** How often one batch is tried again after the connection broke. Default 8. */
  readonly maxRetries?: number | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly pauseMs?: ((ms: number) => Promise<unknown>) | undefined;
}

/**
 * Sends batches of events to `POST /v1/events` as NDJSON, one at a time, so that they keep their order and the server sets the pace.
 *
 * 429 waits as long as the server says and goes on; a broken connection or 503 is tried again with growing pauses. A batch that
 * was taken before the connection broke is answered `duplicate` the second time, so nothing is lost and nothing is doubled.
 * Anything else ends with a {@link CommandError} that says what the server said.
 */
export class EventSender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) { this.#options = options; }

  /** @returns one answer per line, in order. */
  async send(lines: readonly string[]): Promise<readonly IngestAnswer[]> {
    const { maxRetries = 8, pauseMs = pause } = this.#options;
    const answers: IngestAnswer[] = [];
    for (let attempt = 0; answers.length < lines.length;) {
      const result = await this.#post(lines.slice(answers.length));
      answers.push(...result.answers);
      if (result.kind === 'whole') break;
      // A server that takes a part each time makes progress: only fruitless attempts count.
      attempt = result.answers.length > 0 ? 0 : attempt + 1;
      if (result.kind === 'broken' && attempt > maxRetries) throw new CommandError(`${this.#options.url} does not answer: ${result.reason}`);
      await pauseMs(result.kind === 'busy' ? result.retryAfterMs : Math.min(250 * 2 ** attempt, 10_000));
    }
    if (answers.length !== lines.length) throw new CommandError(`${this.#options.url} answered ${answers.length} of ${lines.length} events.`);
    return answers;
  }

  async #post(lines: readonly string[]): Promise<PostResult> {
    const { url, key, source, fetch: send = fetch } = this.#options;
    const answers: IngestAnswer[] = [];
    const target = new URL('/v1/events', url);
    if (source !== undefined) target.searchParams.set('source', source);
    try {
      const response = await send(target, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson', authorization: `Bearer ${key}` },
        body: lines.map((line) => `${line}\n`).join(''),
      });
      if (response.status === 429) return { kind: 'busy', answers, retryAfterMs: (Number(response.headers.get('retry-after')) || 1) * 1000 };
      if (response.status === 503 || response.status === 502) return { kind: 'broken', answers, reason: `status ${response.status}` };
      if (!response.ok) throw new CommandError(refusalText(response.status, await response.text()));
      for await (const line of linesOf(response)) answers.push(IngestAnswer.parse(JSON.parse(line)));
      return { kind: 'whole', answers };
    } catch (cause) {
      if (cause instanceof CommandError) throw cause;
      const reason = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause);
      return { kind: 'broken', answers, reason };
    }
  }
}

type PostResult =
  | { readonly kind: 'whole'; readonly answers: readonly IngestAnswer[] }
  | { readonly kind: 'busy'; readonly answers: readonly IngestAnswer[]; readonly retryAfterMs: number }
  | { readonly kind: 'broken'; readonly answers: readonly IngestAnswer[]; readonly reason: string };

/** Whole lines as they come: what was answered before the connection broke counts. */
async function* linesOf(response: Response): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line !== '');
  }
  if (rest !== '') yield rest;
}

function refusalText(status: number, text: string): string {
  const problem = Problem.safeParse(parseOr(text));
  const said = problem.success ? problem.data.detail ?? problem.data.title : text.slice(0, 200);
  const hint = status === 401 || status === 403 ? ' Is the API key right? (--key, or WEIR_KEY)' : '';
  return `The server refused the events (${status}): ${said}.${hint}`;
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: shown as it is
  }
}
