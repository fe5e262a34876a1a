import type { LogEvent } from '@weir/contracts';

/** The line that an event is read from: valid while the engine is at it. */
export interface EventLine {
  /** The bytes of the line; they are overwritten once the engine has gone on. */
  bytes(): Uint8Array;
  read(line: Uint8Array, seq: number): LogEvent;
  readonly shelf: LineShelf;
}

/** Lines that matches have taken lie beside one another: a chunk goes when the last of them does. */
const chunkBytes = 8 * 1024;

/** Where lines are kept, one after the other. */
export class LineShelf {
  private chunk = new Uint8Array(0);
  private used = 0;

  /** A copy of the line that stays: where it begins in {@link last}. */
  keep(line: Uint8Array): number {
    const size = line.length;
    if (this.used + size > this.chunk.length) {
      this.chunk = new Uint8Array(Math.max(chunkBytes, size));
      this.used = 0;
    }
    const from = this.used;
    this.chunk.set(line, from);
    this.used += size;
    return from;
  }

  /** The chunk that the line kept last lies in. */
  get last(): Uint8Array { return this.chunk; }
}

/**
 * An event of a line that is read whole only when something asks for more than its place in the log: most events that sequences
 * look at are never asked. A match that takes it has the line kept.
 */
export class LineEvent implements LogEvent {
  readonly kind = 'event';
  /** Where its line is kept, then the event itself once it was read. */
  private held: Uint8Array | LogEvent | undefined;
  private from = 0;
  private size = 0;

  constructor(readonly seq: number, readonly ts: number, readonly type: string, private readonly line: EventLine) {}

  /** From now on it may be asked at any time. */
  keep(): void {
    if (this.held !== undefined) return;
    const { line } = this;
    const bytes = line.bytes();
    this.from = line.shelf.keep(bytes);
    this.size = bytes.length;
    this.held = line.shelf.last;
  }

  get id(): LogEvent['id'] { return this.event.id; }
  get fields(): LogEvent['fields'] { return this.event.fields; }

  /** The event as if it had been read at once. */
  get event(): LogEvent {
    const event = this.read();
    this.held = event;
    return event;
  }

  /** A snapshot holds the event itself; that one was taken is no reason to keep more than the line. */
  toJSON(): LogEvent { return this.read(); }

  private read(): LogEvent {
    const { held, line } = this;
    if (held !== undefined && !(held instanceof Uint8Array)) return held;
    return line.read(held === undefined ? line.bytes() : held.subarray(this.from, this.from + this.size), this.seq);
  }
}

/** Has an event that is read from a line keep it. */
export function keepEvent(event: LogEvent): void { if (event instanceof LineEvent) event.keep(); }
