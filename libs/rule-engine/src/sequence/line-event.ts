import type { LogEvent } from '@weir/contracts';

/** The line that an event is read from: valid while the engine is at it. */
export interface EventLine {
  /** The bytes of the line; they are overwritten once the engine has gone on. */
  bytes(): Uint8Array;
  read(line: Uint8Array, seq: number): LogEvent;
}

/** Lines that matches have taken lie beside one another: a chunk goes when the last of them does. */
const chunkBytes = 8 * 1024;

/** Where lines are kept, one after the other. */
export class LineShelf {
  private chunk = new Uint8Array(0);
  private used = 0;

  /** A copy of the line that stays. */
  keep(line: Uint8Array): KeptLine {
    const size = line.length;
    if (this.used + size > this.chunk.length) {
      this.chunk = new Uint8Array(Math.max(chunkBytes, size));
      this.used = 0;
    }
    const from = this.used;
    this.chunk.set(line, from);
    this.used += size;
    return { chunk: this.chunk, from, size };
  }
}
interface KeptLine { readonly chunk: Uint8Array; readonly from: number; readonly size: number }

/**
 * An event of a line that is read whole only when something asks for more than its place in the log: most events that sequences
 * look at are never asked. A match that takes it has the line kept.
 */
export class LineEvent implements LogEvent {
  readonly kind = 'event';
  private kept: KeptLine | undefined;
  private whole: LogEvent | undefined;

  constructor(readonly seq: number, readonly ts: number, readonly type: string, private readonly line: EventLine, private readonly shelf: LineShelf) {}

  /** From now on it may be asked at any time. */
  keep(): void {
    if (this.kept === undefined && this.whole === undefined) this.kept = this.shelf.keep(this.line.bytes());
  }

  get id(): LogEvent['id'] { return this.event.id; }
  get fields(): LogEvent['fields'] { return this.event.fields; }

  /** The event as if it had been read at once. */
  get event(): LogEvent {
    if (this.whole === undefined) {
      const { kept, line } = this;
      this.whole = line.read(kept === undefined ? line.bytes() : kept.chunk.subarray(kept.from, kept.from + kept.size), this.seq);
      this.kept = undefined;
    }
    return this.whole;
  }

  /** A snapshot holds the event itself. */
  toJSON(): LogEvent { return this.event; }
}

/** Has an event that is read from a line keep it. */
export function keepEvent(event: LogEvent): void { if (event instanceof LineEvent) event.keep(); }
