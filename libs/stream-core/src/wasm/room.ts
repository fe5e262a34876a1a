/** Typed arrays that columns and tables are made of. */
export type Column = Float64Array | Int32Array | Uint16Array | Uint8Array;

/**
 * Where the state of an engine lies: gives typed arrays filled with zeros, and takes back those outgrown.
 * An array given back must not be used any more.
 */
export interface Room {
  f64(length: number): Float64Array;
  i32(length: number): Int32Array;
  u16(length: number): Uint16Array;
  u8(length: number): Uint8Array;
  release(column: Column): void;
}

/** Arrays of the host, each with a buffer of its own. */
export const heapRoom: Room = {
  f64: (length) => new Float64Array(length),
  i32: (length) => new Int32Array(length),
  u16: (length) => new Uint16Array(length),
  u8: (length) => new Uint8Array(length),
  release: () => undefined,
};

/** A column twice as long that begins alike, the rest zeros; the one before is given back. */
export function doubled(column: Int32Array, room: Room): Int32Array {
  const grown = room.i32(2 * column.length);
  grown.set(column);
  room.release(column);
  return grown;
}

/** The same bytes as doubles. They begin where a double may. */
export function doublesOf({ buffer, byteOffset, length }: Int32Array): Float64Array { return new Float64Array(buffer, byteOffset, length >> 1); }
