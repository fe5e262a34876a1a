import type { BacktestJob, FeedCommand, FeedMessage } from '@weir/contracts';
import type { Hiding } from '@weir/rule-engine';
import type { z } from 'zod';
import { presentFor } from '../alerts/alert-record.js';
import { presentCaseFor } from '../cases/case-record.js';
import type { FeedDraft } from './feed-draft.js';

type Topic = z.infer<typeof FeedCommand>['topics'][number];
type Stamped = Extract<FeedMessage, { cursor: string }>;
/** Messages sent once a second: they replace each other, so they have no cursor and are never repeated. */
export type TickMessage = Extract<FeedMessage, { kind: 'stats' | 'ops' }>;

/** What the hub needs of a socket. */
export interface FeedSocket {
  send(text: string): void;
  /** Bytes handed over and not yet taken by the network. */
  bufferedBytes(): number;
}

export interface FeedHubOptions {
  /** Names this run of the server in cursors: after a restart every older cursor is a gap. */
  readonly bootId: string;
  readonly personal: () => Hiding;
  readonly now: () => number;
  /** Messages kept for resuming. Default 10,000. */
  readonly capacity?: number | undefined;
  /** A socket with more unsent bytes than this is behind: it gets a gap later instead of messages now. Default 1 MB. */
  readonly maxBufferedBytes?: number | undefined;
}

/** One connected desk. */
export interface FeedClient {
  /** Starts or changes a subscription; `from` resumes after that cursor, or says `gap`. */
  subscribe(topics: readonly Topic[], from: string | undefined): void;
  leave(): void;
}

const topicOf: Readonly<Record<FeedDraft['kind'], Topic>> = { alert: 'alerts', 'alert-changed': 'alerts', 'case-changed': 'cases', 'rules-changed': 'rules', job: 'jobs' };

/** Samples of a backtest hold sentences and keys: personal values. */
const withoutSamples = (job: BacktestJob): BacktestJob => (job.result === undefined ? job : { ...job, result: { ...job.result, samples: [] } });

/** One message in the ring: each of its two texts is made when somebody first needs it. */
class Entry {
  readonly topic: Topic;
  readonly #texts: { clear?: string; masked?: string } = {};
  constructor(readonly n: number, readonly draft: FeedDraft, private readonly make: (draft: FeedDraft, n: number, masked: boolean) => FeedMessage) {
    this.topic = topicOf[draft.kind];
  }
  text(masked: boolean): string { return (this.#texts[masked ? 'masked' : 'clear'] ??= JSON.stringify(this.make(this.draft, this.n, masked))); }
}

interface Member { readonly socket: FeedSocket; readonly masked: boolean; topics: ReadonlySet<Topic>; isBehind: boolean; isSubscribed: boolean }

/**
 * The feed: numbers what happened, keeps the last messages for those who come back, and never waits for anybody.
 *
 * Layout: `ring[n % capacity]` holds message n; `#next` is the number of the next one. Memory is bounded by the ring and by
 * `maxBufferedBytes` a socket: who falls behind is skipped, and gets one `gap` when its buffer is empty again.
 */
export class FeedHub {
  readonly #options: FeedHubOptions;
  readonly #capacity: number;
  readonly #maxBuffered: number;
  readonly #ring: (Entry | undefined)[];
  readonly #members = new Set<Member>();
  #next = 1;
  #gaps = 0;

  constructor(options: FeedHubOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? 10_000;
    this.#maxBuffered = options.maxBufferedBytes ?? 1_000_000;
    this.#ring = new Array<Entry | undefined>(this.#capacity);
  }

  stats(): { readonly clients: number; readonly gaps: number } { return { clients: this.#members.size, gaps: this.#gaps }; }

  /** Cursor after the newest message. */
  cursor(): string { return this.#cursorOf(this.#next - 1); }

  publish(draft: FeedDraft): void {
    const entry = new Entry(this.#next, draft, this.#make);
    this.#ring[entry.n % this.#capacity] = entry;
    this.#next += 1;
    for (const member of this.#members) if (member.topics.has(entry.topic) && this.#canTake(member)) member.socket.send(entry.text(member.masked));
  }

  /** Sends to those subscribed and keeping up; not kept. */
  tick(message: TickMessage): void {
    const text = JSON.stringify(message);
    for (const member of this.#members) if (this.#canTake(member) && member.topics.has(message.kind)) member.socket.send(text);
  }

  join(socket: FeedSocket, masked: boolean): FeedClient {
    const member: Member = { socket, masked, topics: new Set(), isBehind: false, isSubscribed: false };
    this.#members.add(member);
    socket.send(JSON.stringify({ kind: 'hello', cursor: this.cursor() } satisfies FeedMessage));
    return {
      subscribe: (topics, from) => {
        member.topics = new Set(topics);
        member.isSubscribed = true;
        if (from !== undefined) this.#resume(member, from);
      },
      leave: () => { this.#members.delete(member); },
    };
  }

  /** True when the member keeps up. One that fell behind gets its gap as soon as its buffer is empty. */
  #canTake(member: Member): boolean {
    const buffered = member.socket.bufferedBytes();
    if (member.isBehind) {
      if (buffered > 0) return false;
      member.isBehind = false;
      // The message at hand has its number already when this is called from publish: it is sent after the gap.
      this.#sendGap(member);
      return true;
    }
    if (buffered <= this.#maxBuffered) return true;
    member.isBehind = true;
    return false;
  }

  #sendGap(member: Member): void {
    this.#gaps += 1;
    member.socket.send(JSON.stringify({ kind: 'gap', cursor: this.cursor() } satisfies FeedMessage));
  }

  #resume(member: Member, from: string): void {
    const after = this.#numberOf(from);
    const oldest = Math.max(1, this.#next - this.#capacity);
    if (after === undefined || after + 1 < oldest || after >= this.#next) {
      this.#sendGap(member);
      return;
    }
    for (let n = after + 1; n < this.#next; n += 1) {
      const entry = this.#ring[n % this.#capacity];
      if (entry === undefined || !member.topics.has(entry.topic)) continue;
      if (!this.#canTake(member)) return; // behind already: its gap follows
      member.socket.send(entry.text(member.masked));
    }
  }

  #cursorOf(n: number): string { return `${this.#options.bootId}:${n}`; }

  #numberOf(cursor: string): number | undefined {
    const at = cursor.lastIndexOf(':');
    const n = Number(cursor.slice(at + 1));
    return cursor.slice(0, at) === this.#options.bootId && Number.isSafeInteger(n) && n >= 0 ? n : undefined;
  }

  readonly #make = (draft: FeedDraft, n: number, masked: boolean): Stamped | Extract<FeedMessage, { kind: 'job' }> => {
    const cursor = this.#cursorOf(n);
    const audience = { masked, personal: this.#options.personal() };
    switch (draft.kind) {
      case 'alert':
      case 'alert-changed': return { kind: draft.kind, cursor, row: presentFor(draft.record, this.#options.now(), audience) };
      case 'case-changed': return { kind: 'case-changed', cursor, row: presentCaseFor(draft.record, audience) };
      case 'rules-changed': return { kind: 'rules-changed', cursor, release: draft.release };
      case 'job': return { kind: 'job', job: masked ? withoutSamples(draft.job) : draft.job };
    }
  };
}
