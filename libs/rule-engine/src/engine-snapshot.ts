import type { ListChange, LogEvent } from '@weir/contracts';
import { sha256Hex } from '@weir/rule-lang';
import { emptyKey, readCheckpoint, writeCheckpoint } from '@weir/stream-core';
import type { Block, BlockData, EventNumber } from '@weir/stream-core';
import type { EventLog } from './compile/event-log.js';
import type { KeyDimension } from './compile/key-dimension.js';
import type { EngineDefinition, RestoreResult, SnapshotRefusal } from './engine.js';
import type { EngineState } from './engine-state.js';
import { ruleSetHash } from './interpret/snapshot.js';
import type { StatePlan } from './plan/state-plan.js';
import { shapeOf } from './plan/shape.js';
import type { SequencesState } from './sequence/sequence-rules.js';
import type { WindowRulesState } from './window-rules/window-rules.js';

/** What changes while entries are applied, besides the columns. */
export interface EngineProgress {
  seq: number;
  /** Largest ts of the events and heartbeats applied. */
  maxTs: number;
  /** Time of the kept windows: everything dated at or before a window's lower end there has left it. */
  now: number;
}

/** The part of a checkpoint that is text. */
interface Meta {
  readonly maxTs: number;
  readonly now: number;
  readonly plan: string;
  readonly hasPayload: boolean;
  readonly changes: readonly ListChange[];
  readonly waiting: readonly LogEvent[];
  readonly sequences: SequencesState;
  readonly windows: WindowRulesState;
  /** By log, then number column: numbers that are no safe integers, by place from the front. */
  readonly wide: readonly (readonly (readonly [number, string])[])[][];
}

export type SnapshotReading = Extract<RestoreResult, { ok: false }> | { readonly ok: true; readonly progress: EngineProgress } & Beside;

/** State that is not in columns: few events each. */
export interface Beside { readonly waiting: readonly LogEvent[]; readonly sequences: SequencesState; readonly windows: WindowRulesState }

/**
 * The state as bytes. Stored are the held events in columns and the keys behind their ids; sums, counts, queues and
 * chains follow from them and are built anew on restore, so there is no second truth that could disagree.
 */
export function writeSnapshot(definition: EngineDefinition, state: EngineState, progress: EngineProgress, { waiting, sequences, windows }: Beside): Uint8Array {
  const hasPayload = definition.options.evidence === 'full';
  const meta: Meta = {
    maxTs: progress.maxTs, now: progress.now, plan: planHash(state.plan), hasPayload, changes: state.lists.changes, waiting, sequences, windows,
    wide: state.logs.map(({ columns }) => columns.wide.map((held) => [...held].map(([n, value]) => [(n - columns.first) | 0, `${value}`] as const))),
  };
  const blocks: Block[] = [{ name: 'meta', data: new TextEncoder().encode(JSON.stringify(meta)) }];
  state.dimensions.forEach((dimension, i) => blocks.push(...keyBlocks(`key${i}`, dimension)));
  state.logs.forEach((log, i) => blocks.push(...logBlocks(`log${i}`, log, hasPayload)));
  return writeCheckpoint(progress.seq, ruleSetHash(definition), blocks);
}

/** Fills a fresh state from a snapshot. A refusal leaves nothing behind that may be used: the caller drops the state. */
export function readSnapshot(definition: EngineDefinition, state: EngineState, bytes: Uint8Array): SnapshotReading {
  const read = readCheckpoint(bytes);
  if (!read.ok) return read;
  const { seq, ruleSetHash: madeFor, blocks } = read.checkpoint;
  if (madeFor !== ruleSetHash(definition)) return refused('other-rule-set', 'the snapshot was made with other rules, another schema or other time options');
  const metaBlock = blocks.get('meta');
  if (!(metaBlock instanceof Uint8Array)) return refused('damaged', 'the snapshot has no meta block');
  // The checksum fits, so this is what writeSnapshot wrote.
  const meta = JSON.parse(new TextDecoder().decode(metaBlock)) as Meta;
  if (meta.plan !== planHash(state.plan)) return refused('other-version', 'the snapshot lays the state of these rules out in another way');
  if (definition.options.evidence === 'full' && !meta.hasPayload) return refused('other-rule-set', 'the snapshot was made without evidence');
  for (const change of meta.changes) state.lists.change(change);
  try {
    const ids = state.dimensions.map((dimension, i) => readKeys(`key${i}`, dimension, blocks));
    state.logs.forEach((log, i) => readLog(`log${i}`, log, ids, meta.wide[i] ?? [], meta.now, blocks));
    state.dimensions.forEach((dimension, i) => { for (const id of ids[i]?.values() ?? []) dimension.release(id); });
  } catch (error) {
    if (error instanceof MissingBlockError) return refused('damaged', error.message);
    throw error;
  }
  return { ok: true, progress: { seq, maxTs: meta.maxTs, now: meta.now }, waiting: meta.waiting, sequences: meta.sequences, windows: meta.windows };
}

/** Two programs that plan the same columns for the same rules read each other's snapshots. */
function planHash({ types, slots, dimensions, streams, logs }: StatePlan): string {
  return sha256Hex(shapeOf({ types, slots, dimensions: dimensions.map((one) => (one.kind === 'fields' ? one.slots : one.expr)), streams, logs: logs.map(({ ids, numbers, predicates, chains }) => ({ ids, numbers, predicates, chains })) }));
}

class MissingBlockError extends Error {}

function keyBlocks(name: string, { interner }: KeyDimension): Block[] {
  const ids = new Int32Array(interner.size);
  const sizes = new Int32Array(interner.size);
  const keys: Uint8Array[] = [];
  let count = 0;
  interner.forEach((id) => {
    const bytes = interner.bytesOf(id);
    ids[count] = id;
    sizes[count++] = bytes.length;
    keys.push(bytes);
  });
  return [{ name: `${name}.ids`, data: ids }, { name: `${name}.sizes`, data: sizes }, { name: `${name}.bytes`, data: concatenated(keys) }];
}

/** Ids as they are now by ids as they were, each with one reference held until the logs are back. */
function readKeys(name: string, dimension: KeyDimension, blocks: ReadonlyMap<string, BlockData>): Map<number, number> {
  const ids = int32(blocks, `${name}.ids`);
  const sizes = int32(blocks, `${name}.sizes`);
  const bytes = raw(blocks, `${name}.bytes`);
  const now = new Map<number, number>();
  let from = 0;
  ids.forEach((id, i) => {
    const size = sizes[i] ?? 0;
    const fresh = dimension.interner.intern(bytes, from, size);
    dimension.rows.ensure(fresh);
    now.set(id, fresh);
    from += size;
  });
  return now;
}

function logBlocks(name: string, { columns, payload }: EventLog, hasPayload: boolean): Block[] {
  const { length, first, mask } = columns;
  const inOrder = <T extends Int32Array | Float64Array | Uint16Array | Uint8Array>(column: T, out: T): T => {
    for (let i = 0; i < length; i++) out[i] = column[((first + i) | 0) & mask] as number;
    return out;
  };
  const records = hasPayload ? Array.from({ length }, (_, i) => { const at = ((first + i) | 0) & mask; return payload.read(columns.place[at] as number, columns.size[at] as number); }) : [];
  return [
    { name: `${name}.ts`, data: inOrder(columns.ts, new Float64Array(length)) },
    { name: `${name}.seq`, data: inOrder(columns.seq, new Float64Array(length)) },
    { name: `${name}.type`, data: inOrder(columns.type, new Uint16Array(length)) },
    { name: `${name}.displaced`, data: inOrder(columns.displaced, new Uint8Array(length)) },
    ...columns.bits.map((column, i) => ({ name: `${name}.bits${i}`, data: inOrder(column, new Int32Array(length)) })),
    ...columns.ids.map((column, i) => ({ name: `${name}.ids${i}`, data: inOrder(column, new Int32Array(length)) })),
    ...columns.numbers.map((column, i) => ({ name: `${name}.numbers${i}`, data: inOrder(column, new Float64Array(length)) })),
    { name: `${name}.sizes`, data: Int32Array.from(records, (record) => record.length) },
    { name: `${name}.payload`, data: concatenated(records) },
  ];
}

function readLog(name: string, log: EventLog, idsNow: readonly ReadonlyMap<number, number>[], wide: readonly (readonly (readonly [number, string])[])[], now: number, blocks: ReadonlyMap<string, BlockData>): void {
  const { columns, plan } = log;
  const ts = float64(blocks, `${name}.ts`);
  const seq = float64(blocks, `${name}.seq`);
  const type = blocks.get(`${name}.type`) ?? new Uint16Array(0);
  const displaced = raw(blocks, `${name}.displaced`);
  const bits = columns.bits.map((_, i) => int32(blocks, `${name}.bits${i}`));
  const ids = columns.ids.map((_, i) => int32(blocks, `${name}.ids${i}`));
  const numbers = columns.numbers.map((_, i) => float64(blocks, `${name}.numbers${i}`));
  const sizes = int32(blocks, `${name}.sizes`);
  const payload = raw(blocks, `${name}.payload`);
  const wideAt = wide.map((held) => new Map(held.map(([at, value]) => [at, BigInt(value)])));
  log.startAt(now);
  let from = 0;
  for (let i = 0; i < ts.length; i++) {
    const n: EventNumber = columns.append(ts[i] as number, seq[i] as number, type[i] ?? 0, displaced[i] === 1);
    const at = n & columns.mask;
    bits.forEach((column, word) => { (columns.bits[word] as Int32Array)[at] = column[i] as number; });
    ids.forEach((column, c) => {
      const dimension = (plan.ids[c] as { dimension: number }).dimension;
      const id = column[i] === emptyKey ? emptyKey : (idsNow[dimension]?.get(column[i] as number) ?? emptyKey);
      if (id !== emptyKey) log.retain(c, id);
      (columns.ids[c] as Int32Array)[at] = id;
    });
    numbers.forEach((column, c) => {
      (columns.numbers[c] as Float64Array)[at] = column[i] as number;
      const exact = wideAt[c]?.get(i);
      if (exact !== undefined) columns.wide[c]?.set(n, exact);
    });
    const size = sizes[i] ?? 0;
    columns.size[at] = size;
    columns.place[at] = size > 0 ? log.payload.append(payload, from, size) : 0;
    from += size;
    log.readmit(n);
  }
  log.placeCursors();
}

function block(blocks: ReadonlyMap<string, BlockData>, name: string): BlockData {
  const found = blocks.get(name);
  if (found === undefined) throw new MissingBlockError(`the snapshot has no block ${name}`);
  return found;
}
function int32(blocks: ReadonlyMap<string, BlockData>, name: string): Int32Array {
  const found = block(blocks, name);
  if (!(found instanceof Int32Array)) throw new MissingBlockError(`block ${name} is of another kind`);
  return found;
}
function float64(blocks: ReadonlyMap<string, BlockData>, name: string): Float64Array {
  const found = block(blocks, name);
  if (!(found instanceof Float64Array)) throw new MissingBlockError(`block ${name} is of another kind`);
  return found;
}
function raw(blocks: ReadonlyMap<string, BlockData>, name: string): Uint8Array {
  const found = block(blocks, name);
  if (!(found instanceof Uint8Array)) throw new MissingBlockError(`block ${name} is of another kind`);
  return found;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function refused(reason: SnapshotRefusal, message: string): Extract<RestoreResult, { ok: false }> { return { ok: false, reason, message }; }
