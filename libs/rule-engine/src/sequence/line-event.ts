import type { LogEvent } from '@weir/contracts';
import type { LineShelf } from './line-shelf.js';

/** The line that an event is read from: valid while the engine is at it. */
export interface EventLine {
  /** The bytes of the line; they are overwritten once the engine has gone on. */
  bytes(): Uint8Array;
  read(line: Uint8Array, seq: number): LogEvent;
  /** Where lines are kept. */
  readonly shelf: LineShelf;
}

/**
 * An event of a line that is read whole only when something asks for more than its place in the log: most events that sequences
 * look at are never asked. A match that takes it has the line kept.
 */
export class LineEvent implements LogEvent {
  readonly kind = 'event';

  /** @param held its line, where it is kept, then the event itself once it was read; undefined: the line is the one that the engine is at. */
  constructor(readonly seq: number, readonly ts: number, readonly type: string, readonly line: EventLine, private held?: Uint8Array | LogEvent) {}

  /** Its line, where that was kept, or the event itself, where it was read; undefined: the line is the one that the engine is at. */
  get kept(): Uint8Array | LogEvent | undefined { return this.held; }

  /** From now on it may be asked at any time. */
  keep(): void { this.held ??= this.line.shelf.copyOf(this.line.bytes()); }

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
    return held !== undefined && !(held instanceof Uint8Array) ? held : line.read(held ?? line.bytes(), this.seq);
  }
}

/** Has an event that is read from a line keep it. */
export function keepEvent(event: LogEvent): void { if (event instanceof LineEvent) event.keep(); }
