import type { ListChange, LogEvent } from '@weir/contracts';
import { concatenated, formatVersionOf, FrameReader } from '@weir/stream-core';
import type { Frame } from '@weir/stream-core';
import { MalformedError, LogFiller, ofKind, OldIds } from './engine-snapshot-fill.js';
import type { Rows } from './engine-snapshot-fill.js';
import { planHash, refused } from './engine-snapshot.js';
import type { EngineParts, Refused, SnapshotMeta } from './engine-snapshot.js';
import { readFirstFormat } from './engine-snapshot-first.js';
import { ruleSetHash } from './interpret/snapshot.js';
import type { SequencesState } from './sequence/sequence-rules.js';
import type { OpenWindowsState } from './window-rules/open-windows.js';
import { keepsCopies } from './engine.js';

const decoder = new TextDecoder();

/**
 * Fills a fresh engine from the bytes of a snapshot, in chunks of any size. After a refusal, or without a good {@link finish},
 * the engine is half full and to be thrown away.
 */
export class SnapshotReader {
  private readonly frames = new FrameReader();
  /** Chunks of a file in the first format, which is read in one piece. */
  private readonly firstFormat: Uint8Array[] = [];
  private begun: Uint8Array | undefined;
  private ids: readonly OldIds[] = [];
  private fillers: readonly LogFiller[] = [];
  private meta: SnapshotMeta | undefined;
  private waiting: LogEvent[] = [];
  private readonly sequencesSeen = new Set<string>();

  constructor(private readonly parts: EngineParts) {}

  push(chunk: Uint8Array): Refused | undefined {
    if (this.firstFormat.length > 0) {
      this.firstFormat.push(chunk.slice());
      return undefined;
    }
    // The version stands in the first twelve bytes: shorter beginnings wait.
    const bytes = this.begun === undefined ? chunk : concatenated([this.begun, chunk]);
    if (this.meta === undefined && this.frames.ruleSetHash === '') {
      this.begun = bytes.length < 12 ? bytes.slice() : undefined;
      if (this.begun !== undefined) return undefined;
      if (formatVersionOf(bytes) === 1) {
        this.firstFormat.push(bytes.slice());
        return undefined;
      }
    }
    const read = this.frames.push(bytes);
    if ('ok' in read) return read;
    return attempt(() => {
      for (const frame of read) {
        const refusal = this.take(frame);
        if (refusal !== undefined) return refusal;
      }
      return undefined;
    });
  }

  /** The bytes are at their end: undefined when the engine stands where the snapshot was taken. */
  finish(): Refused | undefined {
    if (this.firstFormat.length > 0) return attempt(() => readFirstFormat(this.parts, this.firstFormat));
    const torn = this.frames.finish();
    if (torn !== undefined) return torn;
    return attempt(() => {
      const { parts, meta } = this;
      if (meta === undefined) return refused('damaged', 'the snapshot does not say what it holds');
      if (parts.sequences.ruleIds.some((id) => !this.sequencesSeen.has(id))) return refused('damaged', 'the snapshot lacks the matches of a sequence');
      for (const filler of this.fillers) filler.end();
      for (const ids of this.ids) ids.settle();
      Object.assign(parts.progress, { seq: this.frames.seq, maxTs: meta.maxTs, now: meta.now });
      parts.waiting = this.waiting;
      return undefined;
    });
  }

  private take(frame: Frame): Refused | undefined {
    if (this.meta === undefined) return this.takeMeta(frame);
    const { name } = frame;
    if (name.startsWith('log')) this.fillers[indexOf(name, 3)]?.add(rowsOf(frame, this.parts, indexOf(name, 3)));
    else if (name.startsWith('key')) takeKeys(this.ids[indexOf(name, 3)], frame);
    else if (name === 'waiting') for (const event of json(frame) as LogEvent[]) this.waiting.push(event); // as `engine-snapshot-write` wrote it
    else if (name === 'lists') for (const change of json(frame) as ListChange[]) this.parts.state.lists.change(change); // as it was written
    else if (name === 'window') {
      const { ruleId, part } = json(frame) as { ruleId: string; part: OpenWindowsState }; // as it was written
      this.parts.windows.restorePart(ruleId, part);
    } else if (name === 'sequence') return this.takeSequence(json(frame) as { ruleId: string; part: SequencesState[string] }); // as it was written
    else return refused('damaged', `the snapshot has a frame ${name}`);
    return undefined;
  }

  private takeMeta(frame: Frame): Refused | undefined {
    const { definition, state } = this.parts;
    if (this.frames.ruleSetHash !== ruleSetHash(definition)) return refused('other-rule-set', 'the snapshot was made with other rules, another schema or other time options');
    if (frame.name !== 'meta') return refused('damaged', 'the snapshot does not begin with what it holds');
    const meta = json(frame) as SnapshotMeta; // as it was written
    if (meta.plan !== planHash(state.plan)) return refused('other-version', 'the snapshot lays the state of these rules out in another way');
    if (keepsCopies(definition.options) && !meta.hasPayload) return refused('other-rule-set', 'the snapshot was made without evidence');
    this.meta = meta;
    this.ids = state.dimensions.map((dimension, i) => new OldIds(dimension, meta.keys[i] ?? 0));
    this.fillers = state.logs.map((_, i) => new LogFiller(state, i, this.ids, meta.now, { events: meta.events[i] ?? 0, pairs: meta.pairs?.[i] ?? [] }));
    return undefined;
  }

  private takeSequence({ ruleId, part }: { readonly ruleId: string; readonly part: SequencesState[string] }): Refused | undefined {
    const { sequences } = this.parts;
    if (!sequences.fitsPart(ruleId, part)) return refused('other-version', 'the snapshot runs the sequences of these rules in another way');
    this.sequencesSeen.add(ruleId);
    sequences.restorePart(ruleId, part);
    return undefined;
  }
}

function takeKeys(ids: OldIds | undefined, { arrays }: Frame): void {
  const old = ofKind(arrays[0], Int32Array);
  const sizes = ofKind(arrays[1], Int32Array);
  const bytes = ofKind(arrays[2], Uint8Array);
  let from = 0;
  for (let i = 0; i < old.length; i++) {
    const size = sizes[i] as number;
    ids?.add(old[i] as number, bytes, from, size);
    from += size;
  }
}

function rowsOf({ arrays }: Frame, { definition, state }: EngineParts, log: number): Rows {
  const columns = state.logs[log]?.columns;
  if (columns === undefined) throw new MalformedError('the snapshot has a log too many');
  const bits = 7;
  const ids = bits + columns.bits.length;
  const numbers = ids + columns.ids.length;
  const wide = ofKind(arrays[6], Uint8Array);
  const keepsPayload = keepsCopies(definition.options);
  return {
    ts: ofKind(arrays[0], Float64Array),
    seq: ofKind(arrays[1], Float64Array),
    type: ofKind(arrays[2], Uint16Array),
    displaced: ofKind(arrays[3], Uint8Array),
    sizes: keepsPayload ? ofKind(arrays[4], Int32Array) : new Int32Array(0),
    payload: ofKind(arrays[5], Uint8Array),
    wide: wide.length === 0 ? [] : (JSON.parse(decoder.decode(wide)) as [number, number, string][]).map(([column, row, value]) => [column, row, BigInt(value)] as const), // as it was written
    bits: arrays.slice(bits, ids).map((one) => ofKind(one, Int32Array)),
    ids: arrays.slice(ids, numbers).map((one) => ofKind(one, Int32Array)),
    numbers: arrays.slice(numbers).map((one) => ofKind(one, Float64Array)),
  };
}

function indexOf(name: string, from: number): number { return Number(name.slice(from)); }

function json({ arrays }: Frame): unknown { return JSON.parse(decoder.decode(ofKind(arrays[0], Uint8Array))); }

/** What cannot be made sense of though its checksum fits is damage too: nothing of a foreign file reaches the host as a crash. */
function attempt(step: () => Refused | undefined): Refused | undefined {
  try {
    return step();
  } catch (error) {
    if (error instanceof MalformedError || error instanceof SyntaxError || error instanceof RangeError || error instanceof TypeError) return refused('damaged', error.message);
    throw error;
  }
}
