import type { Alert } from '@weir/contracts';
import type { FromEngine } from './messages.js';

const maxBatchAlerts = 200;
const maxBatchDelayMs = 20;
const maxUnderWay = 4;
const progressEveryMs = 1_000;

/**
 * Alerts on their way from the engine to the case store, in batches.
 *
 * At most {@link maxUnderWay} batches are under way; then {@link AlertOutbox.isFull} holds and the engine stops reading.
 * So memory holds those and what one turn of the engine fires. A batch says up to which entry it is complete, and an empty
 * one moves that mark while nothing fires. On a crash everything here is lost and fires again from the checkpoint.
 */
export class AlertOutbox {
  readonly #post: (message: FromEngine) => void;
  readonly #clock: () => number;
  /** What fires again up to here lies in the case store already. */
  readonly #knownSeq: number;
  readonly #underWay = new Set<number>();
  #waiting: Alert[] = [];
  #waitingSince = 0;
  #throughSeq: number;
  #sentSeq: number;
  #sentAt = 0;
  #storedSeq: number;
  #batches = 0;

  constructor(post: (message: FromEngine) => void, clock: () => number, storedSeq: number) {
    this.#post = post;
    this.#clock = clock;
    this.#knownSeq = storedSeq;
    this.#storedSeq = storedSeq;
    this.#throughSeq = storedSeq;
    this.#sentSeq = storedSeq;
  }

  get isFull(): boolean { return this.#underWay.size >= maxUnderWay; }
  get storedSeq(): number { return this.#storedSeq; }
  get hasUnstored(): boolean { return this.#underWay.size > 0 || this.#waiting.length > 0 || this.#storedSeq < this.#throughSeq; }

  /** Takes what the entry `seq` fired, perhaps nothing. */
  add(seq: number, alerts: readonly Alert[]): void {
    if (seq <= this.#knownSeq) return;
    this.#throughSeq = seq;
    if (alerts.length === 0) return;
    if (this.#waiting.length === 0) this.#waitingSince = this.#clock();
    this.#waiting.push(...alerts);
  }

  /** Sends what waits. Without alerts only when `isMark` asks to move the mark. Does nothing while full. */
  flush(isMark = false): void {
    if (this.isFull) return;
    if (this.#waiting.length === 0 && !(isMark && this.#throughSeq > this.#sentSeq)) return;
    this.#batches += 1;
    this.#underWay.add(this.#batches);
    this.#post({ kind: 'alerts', batch: this.#batches, throughSeq: this.#throughSeq, alerts: this.#waiting });
    this.#waiting = [];
    this.#sentSeq = this.#throughSeq;
    this.#sentAt = this.#clock();
  }

  flushIfDue(): void {
    const now = this.#clock();
    if (this.#waiting.length >= maxBatchAlerts || (this.#waiting.length > 0 && now - this.#waitingSince >= maxBatchDelayMs)) this.flush();
    else if (now - this.#sentAt >= progressEveryMs) this.flush(true);
  }

  stored(batch: number, throughSeq: number): void {
    this.#underWay.delete(batch);
    this.#storedSeq = Math.max(this.#storedSeq, throughSeq);
  }
}
