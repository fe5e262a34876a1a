// `as` behind an index: the index lies below a length or count known just before, so the entry is there; no check per event.
import { emptyKey, heapRoom, KeyInterner, KeyRows, unknownKey } from '@weir/stream-core';
import type { Room } from '@weir/stream-core';
import type { DimensionPlan } from '../plan/state-plan.js';
import type { Evaluator } from './evaluator.js';
import { KeyWriter } from './event-rows.js';
import type { EventRows } from './event-rows.js';
import { fromBigInt, remainderWhole } from './whole.js';
import type { Whole } from './whole.js';

/** Values of one kind, as dense ids with a row of state each: keys of windows, or what `distinct` tells apart. */
export class KeyDimension {
  readonly interner: KeyInterner;
  readonly rows: KeyRows;
  private readonly writer = new KeyWriter();
  /** One string field: its bytes are the key, no copy where they lie in the batch. */
  readonly single: number;

  constructor(readonly plan: DimensionPlan, private readonly eventRows: EventRows, private readonly value: Evaluator | undefined, seed: number, room: Room = heapRoom) {
    this.interner = new KeyInterner(seed, room);
    this.rows = new KeyRows(Float64Array.from(plan.empty), room);
    const only = plan.kind === 'fields' && plan.slots.length === 1 ? (plan.slots[0] as number) : -1;
    this.single = only >= 0 && eventRows.slots[only]?.type === 'string' ? only : -1;
  }

  /** Gives a reference back. With the last one the id is free: by then its windows are empty, and its chains begin anew. */
  release(id: number): void {
    if (this.interner.release(id)) this.endChains(id);
  }

  /** Frees the ids whose last reference a kernel has given back. */
  removeReleased(ids: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const id = ids[i] as number;
      this.interner.removeReleased(id);
      this.endChains(id);
    }
  }

  private endChains(id: number): void {
    const { cells, stride } = this.rows;
    for (const head of this.plan.heads) cells[id * stride + head] = 0;
  }

  /** Makes room for `count` more keys and their rows, so that kernels can add them. */
  reserve(count: number): void {
    this.interner.reserve(count);
    this.rows.ensure(this.interner.capacity + count);
  }

  /** Id of the current row's key with a reference taken; {@link emptyKey} when a part of it is absent. */
  intern(): number {
    const { eventRows } = this;
    let id: number;
    if (this.single >= 0) {
      const column = eventRows.texts[this.single];
      const start = column?.start[eventRows.row] ?? -1;
      if (start >= 0) id = this.interner.intern(eventRows.bytes, start, column?.size[eventRows.row] ?? 0);
      else {
        if (start === -1) return emptyKey;
        this.writer.clear();
        this.writer.text(column?.text(eventRows.row) ?? '');
        id = this.interner.intern(this.writer.bytes, 0, this.writer.length);
      }
    } else {
      if (!this.write(this.plan.kind === 'fields' ? this.plan.slots : [])) return emptyKey;
      id = this.interner.intern(this.writer.bytes, 0, this.writer.length);
    }
    this.rows.ensure(id);
    return id;
  }

  /** Id of the key that the current row's `slots` make: {@link unknownKey} when one is absent, {@link emptyKey} when no event held has it. */
  find(slots: readonly number[]): number {
    return this.write(slots) ? this.interner.find(this.writer.bytes, 0, this.writer.length) : unknownKey;
  }

  /** Writes the key to the buffer. @returns false when a part is absent. */
  private write(slots: readonly number[]): boolean {
    const { writer, eventRows } = this;
    writer.clear();
    if (this.plan.kind === 'value') return writeValue(writer, this.value);
    if (slots.length === 1 && eventRows.slots[slots[0] as number]?.type === 'string') return this.writeText(slots[0] as number);
    for (const slot of slots) if (!this.writePart(slot)) return false;
    return true;
  }

  private writeText(slot: number): boolean { return this.eventRows.texts[slot]?.writeTo(this.writer, this.eventRows.row) === true; }

  private writePart(slot: number): boolean {
    const { writer, eventRows } = this;
    const spec = eventRows.slots[slot];
    if (spec === undefined) return false;
    if (spec.type === 'string') {
      const at = writer.length;
      writer.number(0);
      const from = writer.length;
      if (!this.writeText(slot)) return false;
      writer.sizeAt(at, writer.length - from);
      return true;
    }
    if (spec.type === 'geo') {
      const place = eventRows.places[slot]?.[eventRows.row];
      if (place === undefined) return false;
      writer.number(place.lat + 0);
      writer.number(place.lon + 0);
      return true;
    }
    const x = eventRows.numbers[slot]?.[eventRows.row] ?? NaN;
    if (x !== x) return false;
    writeExact(writer, Number.isFinite(x) ? x : (eventRows.wide[slot]?.get(eventRows.row) ?? 0n), spec.scale);
    return true;
  }
}

function writeValue(writer: KeyWriter, value: Evaluator | undefined): boolean {
  if (value === undefined || value.form === 'list' || value.form === 'ratio') return false;
  switch (value.form) {
    case 'string': { const x = value.get(); if (x === undefined) return false; writer.text(x); return true; }
    case 'bool': { const x = value.get(); if (x === undefined) return false; writer.byte(x ? 1 : 0); return true; }
    case 'double': { const x = value.get(); if (x === undefined) return false; writer.number(x + 0); return true; }
    case 'whole': { const x = value.get(); if (x === undefined) return false; writeExact(writer, x, value.scale); return true; }
    case 'geo': {
      const x = value.get();
      if (x === undefined) return false;
      for (const part of [x.lat + 0, x.lon + 0, x.x, x.y, x.z]) writer.number(part);
      return true;
    }
  }
}

/** Equal numbers of any scale write equal bytes: trailing zeros of the fraction are taken off. */
function writeExact(writer: KeyWriter, value: Whole, scale: number): void {
  let x = value;
  let rest = scale;
  while (rest > 0 && remainderWhole(x, 10) === 0) {
    x = typeof x === 'number' ? x / 10 : fromBigInt(x / 10n);
    rest--;
  }
  writer.byte(rest);
  if (typeof x === 'number') writer.number(x + 0); else writer.text(x.toString());
}
