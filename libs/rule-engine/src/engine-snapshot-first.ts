import type { ListChange, LogEvent } from '@weir/contracts';
import { concatenated, readCheckpoint } from '@weir/stream-core';
import type { BlockData } from '@weir/stream-core';
import { LogFiller, nothingKnown, ofKind, OldIds } from './engine-snapshot-fill.js';
import { planHash, refused } from './engine-snapshot.js';
import type { EngineParts, Refused } from './engine-snapshot.js';
import { ruleSetHash } from './interpret/snapshot.js';
import type { SequencesState } from './sequence/sequence-rules.js';
import type { WindowRulesState } from './window-rules/window-rules.js';
import { keepsCopies } from './engine.js';

/** The part of a snapshot in the first format that is text. */
interface FirstMeta {
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

/** Fills a fresh engine from a snapshot in the first format: blocks of whole columns, one file in one piece. */
export function readFirstFormat(parts: EngineParts, chunks: readonly Uint8Array[]): Refused | undefined {
  const { definition, state, sequences, windows, progress } = parts;
  const read = readCheckpoint(chunks.length === 1 ? (chunks[0] as Uint8Array) : concatenated(chunks));
  if (!read.ok) return read;
  const { seq, ruleSetHash: madeFor, blocks } = read.checkpoint;
  if (madeFor !== ruleSetHash(definition)) return refused('other-rule-set', 'the snapshot was made with other rules, another schema or other time options');
  const meta = JSON.parse(new TextDecoder().decode(ofKind(blocks.get('meta'), Uint8Array))) as FirstMeta; // as it was written
  if (meta.plan !== planHash(state.plan)) return refused('other-version', 'the snapshot lays the state of these rules out in another way');
  if (keepsCopies(definition.options) && !meta.hasPayload) return refused('other-rule-set', 'the snapshot was made without evidence');
  if (!sequences.fits(meta.sequences)) return refused('other-version', 'the snapshot runs the sequences of these rules in another way');
  for (const change of meta.changes) state.lists.change(change);
  const ids = state.dimensions.map((dimension, i) => keysOf(`key${i}`, new OldIds(dimension, 0), blocks));
  state.logs.forEach(({ columns }, i) => {
    const filler = new LogFiller(state, i, ids, meta.now, nothingKnown);
    const name = `log${i}`;
    filler.add({
      ts: ofKind(blocks.get(`${name}.ts`), Float64Array),
      seq: ofKind(blocks.get(`${name}.seq`), Float64Array),
      type: ofKind(blocks.get(`${name}.type`), Uint16Array),
      displaced: ofKind(blocks.get(`${name}.displaced`), Uint8Array),
      bits: columns.bits.map((_, word) => ofKind(blocks.get(`${name}.bits${word}`), Int32Array)),
      ids: columns.ids.map((_, column) => ofKind(blocks.get(`${name}.ids${column}`), Int32Array)),
      numbers: columns.numbers.map((_, column) => ofKind(blocks.get(`${name}.numbers${column}`), Float64Array)),
      sizes: keepsCopies(definition.options) ? ofKind(blocks.get(`${name}.sizes`), Int32Array) : new Int32Array(0),
      payload: ofKind(blocks.get(`${name}.payload`), Uint8Array),
      wide: (meta.wide[i] ?? []).flatMap((held, column) => held.map(([row, value]) => [column, row, BigInt(value)] as const)),
    });
    filler.end();
  });
  for (const one of ids) one.settle();
  sequences.restore(meta.sequences);
  windows.restore(meta.windows);
  Object.assign(progress, { seq, maxTs: meta.maxTs, now: meta.now });
  parts.waiting = meta.waiting;
  return undefined;
}

function keysOf(name: string, ids: OldIds, blocks: ReadonlyMap<string, BlockData>): OldIds {
  const old = ofKind(blocks.get(`${name}.ids`), Int32Array);
  const sizes = ofKind(blocks.get(`${name}.sizes`), Int32Array);
  const bytes = ofKind(blocks.get(`${name}.bytes`), Uint8Array);
  let from = 0;
  old.forEach((id, i) => {
    ids.add(id, bytes, from, sizes[i] as number);
    from += sizes[i] as number;
  });
  return ids;
}
