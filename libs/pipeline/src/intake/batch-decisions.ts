import type { FieldValue, Heartbeat, ListChange, LogEntry, RuleSetChange, Unsequenced } from '@weir/contracts';
import { sameContent, type EventContent, type IntakeState, type Refusal, type ValidEvent } from '@weir/ingest';

/** What the host itself puts into the log. Its ts is given here: the largest so far (see {@link firstInstant}). */
export type InternalEntry =
  | Omit<Unsequenced<ListChange>, 'ts'>
  | Omit<Unsequenced<RuleSetChange>, 'ts'>
  /** A disposition's label and the like: an id that is known already is answered with its first seq, whatever its time. */
  | { readonly kind: 'event'; readonly id: string; readonly type: string; readonly fields: Record<string, FieldValue>; readonly channel?: string | undefined }
  /** Appended only when its ts is above the largest so far. */
  | Unsequenced<Heartbeat>;

/** What was decided for one entry, before it has its seq. `index` counts the entries to be appended. */
export type Outcome =
  | { readonly kind: 'append'; readonly index: number; readonly delayMs?: number | undefined }
  | { readonly kind: 'same-batch'; readonly index: number }
  | { readonly kind: 'known'; readonly seq: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly seq?: number | undefined }
  | { readonly kind: 'skipped' };

/**
 * ts of a list or rule-set change on a log that has no event yet. The smallest there is, not the clock: "the largest ts so
 * far" of nothing. With the clock, the rule set that a first start applies would make a file of last year's payments late.
 */
export const firstInstant = 1;

interface Seen { readonly content: EventContent; readonly index: number; readonly at: number }

/**
 * Decides the events of one batch in order: known id, place in time, then the entry for the log. One at a time
 * (each sees what the ones before it did), so the answers are those of a log written event by event.
 */
export class BatchDecisions {
  readonly entries: Unsequenced[] = [];
  /** For each entry that is an event: the largest ts right after it was placed. */
  private readonly placedAt: number[] = [];
  private readonly seen = new Map<string, Seen>();
  restamped = 0;

  /** @param heartbeatsUpTo a heartbeat ahead of it is left out: a source under way is behind it. */
  constructor(private readonly state: IntakeState, private readonly log: { get(seq: number): Promise<LogEntry | undefined> }, private readonly now: number, private readonly heartbeatsUpTo = Infinity) {}

  /** @returns a promise only when the log has to be asked: nearly every event is decided at once. */
  decide(valid: ValidEvent, channel: string): Outcome | Promise<Outcome> {
    const { event } = valid;
    const known = this.known(event, true);
    if (known instanceof Promise) return known.then((outcome) => outcome ?? this.place(valid, channel));
    return known ?? this.place(valid, channel);
  }

  decideInternal(entry: InternalEntry): Outcome | Promise<Outcome> {
    if (entry.kind === 'heartbeat') return entry.ts > this.state.maxTs && entry.ts <= this.heartbeatsUpTo ? this.add({ kind: 'heartbeat', ts: entry.ts }) : { kind: 'skipped' };
    const ts = this.state.maxTs === 0 ? firstInstant : this.state.maxTs;
    if (entry.kind !== 'event') return this.add({ ...entry, ts });
    const event: EventContent = { ...entry, ts };
    const known = this.known(event, false);
    if (known instanceof Promise) return known.then((outcome) => outcome ?? this.addEvent(event));
    return known ?? this.addEvent(event);
  }

  /** Tells the state what became durable: call once, with the seqs of {@link entries}. */
  record(seqs: readonly number[]): void {
    this.entries.forEach((entry, i) => {
      const seq = seqs[i] ?? 0;
      if (entry.kind === 'event') this.state.record(entry.id, seq, this.placedAt[i]);
      else this.state.pass(entry.ts, seq);
    });
  }

  private place(valid: ValidEvent, channel: string): Outcome {
    const placed = this.state.place(valid.event, valid.restamp, this.now);
    if (placed.status === 'future') {
      const { id, ts } = valid.event;
      const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms % 1000 === 0 ? 0 : 1)} s`;
      return { kind: 'refused', refusal: { ok: false, code: 'future', field: 'ts', message: `ts: ${new Date(ts).toISOString()} is ${seconds(placed.aheadMs)} ahead of the clock, the limit is ${seconds(this.state.maxFutureMs)}`, id } };
    }
    if (placed.event.statedTs !== undefined) this.restamped += 1;
    const { index } = this.addEvent({ ...placed.event, channel });
    return placed.status === 'late' ? { kind: 'append', index, delayMs: placed.delayMs } : { kind: 'append', index };
  }

  private known(event: EventContent, compareTime: boolean): Outcome | undefined | Promise<Outcome | undefined> {
    const before = this.seen.get(event.id);
    if (before !== undefined && before.at > this.state.horizonStart) {
      return sameContent(event, before.content, compareTime) ? { kind: 'same-batch', index: before.index } : conflict(event.id, 'an event before it in the same request');
    }
    const candidates = this.state.candidates(event.id);
    return candidates.length === 0 ? undefined : this.lookUp(event, candidates, compareTime);
  }

  private async lookUp(event: EventContent, candidates: readonly number[], compareTime: boolean): Promise<Outcome | undefined> {
    for (const seq of candidates) {
      const entry = await this.log.get(seq);
      if (entry?.kind !== 'event' || entry.id !== event.id) continue; // another id with the same fingerprint
      return sameContent(event, entry, compareTime) ? { kind: 'known', seq } : conflict(event.id, `the event accepted as seq ${seq}`, seq);
    }
    return undefined;
  }

  private addEvent(event: EventContent): { readonly kind: 'append'; readonly index: number } {
    const added = this.add(event);
    this.seen.set(event.id, { content: event, index: added.index, at: this.state.maxTs });
    return added;
  }

  private add(entry: Unsequenced): { readonly kind: 'append'; readonly index: number } {
    this.state.pass(entry.ts, this.state.lastSeq);
    const index = this.entries.push(entry) - 1;
    this.placedAt[index] = this.state.maxTs;
    return { kind: 'append', index };
  }
}

function conflict(id: string, other: string, seq?: number): Outcome {
  return { kind: 'refused', seq, refusal: { ok: false, code: 'conflict', field: 'id', message: `id: ${other} has this id and says something else`, id } };
}
