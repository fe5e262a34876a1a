import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { CheckpointStore } from '@weir/stream-core';
import { ConnectorError, systemErrorCode } from '../connector-error.js';
import { syncDirectory } from '../durable-file.js';
import { beginCheckpoint, checkpointMagic, headerBytes } from './checkpoint-writer.js';

/** Bytes read at a time. */
const chunkBytes = 1 << 20;
const namePattern = /^(\d{16})\.ckpt$/;

/** How many checkpoints stay on disk. */
export interface CheckpointOptions {
  /** Checkpoints kept; default 3. */
  readonly keep?: number | undefined;
}

/**
 * Checkpoints as files `<seq>.ckpt` in `dir`. A save is whole or not there: temporary file, fsync, rename, fsync of the
 * folder; then the oldest beyond `keep` go. `load` checks every byte and throws CHECKPOINT_DAMAGED with the name, so that
 * the caller takes the one before. A half-written file of a crash is removed at open.
 */
export async function openCheckpoints(dir: string, options: CheckpointOptions = {}): Promise<CheckpointStore> {
  const keep = options.keep ?? 3;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const name of await readdir(dir)) if (name.endsWith('.ckpt.tmp')) await rm(join(dir, name), { force: true });

  async function list(): Promise<readonly { readonly seq: number; readonly name: string }[]> {
    const found: { seq: number; name: string }[] = [];
    for (const name of await readdir(dir)) {
      const match = namePattern.exec(name);
      if (match !== null) found.push({ seq: Number(match[1]), name });
    }
    return found.sort((a, b) => b.seq - a.seq);
  }

  let committing: Promise<void> = Promise.resolve();
  let begun = 0;
  // One at a time: each sees the ones before it when the oldest go.
  const inTurn = (commit: () => Promise<void>): Promise<void> => {
    const done = committing.then(async () => {
      await commit();
      for (const old of (await list()).slice(keep)) await rm(join(dir, old.name), { force: true });
      await syncDirectory(dir);
    });
    committing = done.catch(() => undefined); // the caller has the failure; the next one is not affected by it
    return done;
  };
  async function begin(seq: number): ReturnType<CheckpointStore['begin']> {
    const name = `${String(seq).padStart(16, '0')}.ckpt`;
    const writer = await beginCheckpoint(dir, name, seq, (begun += 1));
    return { ...writer, commit: () => inTurn(() => writer.commit()) };
  }

  return {
    list,
    begin,
    save: async (seq, bytes) => {
      const writer = await begin(seq);
      try {
        await writer.write(bytes);
        await writer.commit();
      } catch (error) {
        await writer.abandon();
        throw error;
      }
    },
    load: async (name) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of readChunks(dir, name)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    read: (name) => readChunks(dir, name),
  };
}

async function* readChunks(dir: string, name: string): AsyncGenerator<Uint8Array> {
  const match = namePattern.exec(name);
  if (match === null) throw new ConnectorError('CHECKPOINT_MISSING', `${name} is no name of a checkpoint in ${dir}`);
  const file = await openToRead(dir, name);
  try {
    yield* checkedChunks(file, Number(match[1]), (what) => new ConnectorError('CHECKPOINT_DAMAGED', `checkpoint ${name} in ${dir}: ${what}`));
  } finally {
    await file.close();
  }
}

async function openToRead(dir: string, name: string): Promise<FileHandle> {
  try {
    return await open(join(dir, name), 'r');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw new ConnectorError('CHECKPOINT_MISSING', `there is no checkpoint ${name} in ${dir}`, { cause: error });
  }
}

async function* checkedChunks(file: FileHandle, seq: number, damaged: (what: string) => ConnectorError): AsyncGenerator<Uint8Array> {
  const header = Buffer.alloc(headerBytes);
  const { bytesRead } = await file.read(header, 0, headerBytes, 0);
  if (bytesRead < headerBytes || !header.subarray(0, 8).equals(checkpointMagic) || crc32(header.subarray(0, 28)) !== header.readUInt32LE(28)) throw damaged('its header is damaged');
  if (header.readDoubleLE(8) !== seq) throw damaged(`it holds seq ${header.readDoubleLE(8)}`);
  const size = header.readDoubleLE(16);
  const { size: fileSize } = await file.stat();
  if (fileSize - headerBytes !== size) throw damaged(`${fileSize - headerBytes} bytes of ${size}`);
  let sum = 0;
  for (let at = 0; at < size;) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, size - at));
    const read = await file.read(chunk, 0, chunk.length, headerBytes + at);
    if (read.bytesRead === 0) throw damaged(`${at} bytes of ${size}`);
    const bytes = chunk.subarray(0, read.bytesRead);
    sum = crc32(bytes, sum);
    at += bytes.length;
    // The last chunk is given out only when all fit, so that a reader of one chunk never sees a damaged one.
    if (at >= size && sum !== header.readUInt32LE(24)) throw damaged('its content fails its check');
    yield bytes;
  }
  if (size === 0 && header.readUInt32LE(24) !== 0) throw damaged('its content fails its check');
}
