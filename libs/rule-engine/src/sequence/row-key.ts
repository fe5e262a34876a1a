import type { EventRows, TextColumn } from '../compile/event-rows.js';
import { KeyWriter } from '../compile/event-rows.js';
import { keySeparator } from '../interpret/value.js';
import type { KeyBytes } from './key-slots.js';

const separator = keySeparator.charCodeAt(0);

/** The key of the current row under a sequence whose `by` names strings: bytes as they lie in the row, or put together. */
export class RowKey implements KeyBytes {
  bytes: Uint8Array = new Uint8Array(0);
  from = 0;
  length = 0;
  private readonly writer = new KeyWriter();

  constructor(private readonly rows: EventRows, private readonly columns: readonly TextColumn[]) {}

  /** Finds the key of the row that is current now. */
  locate(): this {
    const { rows, columns } = this;
    const [only] = columns;
    const start = columns.length === 1 && only !== undefined ? only.start[rows.row] as number : -1; // rows lie below the capacity
    if (only === undefined || start < 0) return this.written();
    this.bytes = rows.bytes;
    this.from = start;
    this.length = only.size[rows.row] as number;
    return this;
  }

  private written(): this {
    const { rows: { row }, columns, writer } = this;
    writer.clear();
    for (let c = 0; c < columns.length; c++) {
      if (c > 0) writer.byte(separator);
      columns[c]?.writeTo(writer, row);
    }
    this.bytes = writer.bytes;
    this.from = 0;
    this.length = writer.length;
    return this;
  }
}
