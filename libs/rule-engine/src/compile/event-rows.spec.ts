import { describe, expect, it } from '@jest/globals';
import { heapRoom } from '@weir/stream-core';
import { EventRows, KeyWriter, utf8 } from './event-rows.js';

describe('a column of texts', () => {
  it.each(['shop', '', '\ufeffshop', 'лавка 🙂'])('holds %j as bytes or as it is', (text) => {
    const rows = new EventRows([], 2, heapRoom);
    rows.bytes = utf8(`before ${text} behind`);
    rows.id.setBytes(0, 7, utf8(text).length);
    rows.id.setText(1, text);
    const writer = new KeyWriter();
    for (const row of [0, 1]) {
      expect(rows.id.text(row)).toBe(text);
      writer.clear();
      expect(rows.id.writeTo(writer, row)).toBe(true);
      expect(writer.bytes.slice(0, writer.length)).toEqual(utf8(text));
    }
    rows.id.clear(0);
    expect([rows.id.text(0), rows.id.writeTo(writer, 0)]).toEqual([undefined, false]);
  });
});
