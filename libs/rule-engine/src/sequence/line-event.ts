import type { LogEvent } from '@weir/contracts';

/** The line that an event is read from: valid while the engine is at it. */
export interface EventLine {
  /** The bytes of the line; they are overwritten once the engine has gone on. */
  bytes(): Uint8Array;
  read(line: Uint8Array, seq: number): LogEvent;
}

/**
 * An event of a line that is read whole only when something asks for more than its place in the log: most events that sequences
 * look at are never asked. A match that takes it has the line kept.
 */
export class LineEvent implements LogEvent {
  readonly kind = 'event';
  private kept: Uint8Array | undefined;
  private whole: LogEvent | undefined;

  constructor(readonly seq: number, readonly ts: number, readonly type: string, private readonly line: EventLine) {}

  /** From now on it may be asked at any time. */
  keep(): void {
    if (this.kept === undefined && this.whole === undefined) this.kept = this.line.bytes().slice();
  }

  get id(): LogEvent['id'] { return this.event.id; }
  get fields(): LogEvent['fields'] { return this.event.fields; }

  /** The event as if it had been read at once. */
  get event(): LogEvent {
    if (this.whole === undefined) {
      this.whole = this.line.read(this.kept ?? this.line.bytes(), this.seq);
      this.kept = undefined;
    }
    return this.whole;
  }

  /** A snapshot holds the event itself. */
  toJSON(): LogEvent { return this.event; }
}

/** Has an event that is read from a line keep it. */
export function keepEvent(event: LogEvent): void { if (event instanceof LineEvent) event.keep(); }
