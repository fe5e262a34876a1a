import { mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { CheckpointStore } from '@weir/stream-core';
import { ConnectorError, systemErrorCode } from '../connector-error.js';
import { syncDirectory, writeDurably } from '../durable-file.js';

/** Header of a checkpoint file, 32 bytes, little endian: `WEIRCKP1` | f64 seq | f64 payload bytes | u32 CRC-32 of payload | u32 CRC-32 of the 28 bytes before. */
const headerBytes = 32;
const magic = Buffer.from('WEIRCKP1', 'latin1');
const namePattern = /^(\d{16})\.ckpt$/;

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
  for (const name of await readdir(dir)) if (name.endsWith('.ckpt.tmp')) await unlink(join(dir, name));

  async function list(): Promise<readonly { readonly seq: number; readonly name: string }[]> {
    const found: { seq: number; name: string }[] = [];
    for (const name of await readdir(dir)) {
      const match = namePattern.exec(name);
      if (match !== null) found.push({ seq: Number(match[1]), name });
    }
    return found.sort((a, b) => b.seq - a.seq);
  }

  let saving: Promise<void> = Promise.resolve();
  return {
    list,
    // One at a time: two saves of one seq would write the same temporary file.
    save: (seq, bytes) => {
      const saved = saving.then(async () => {
        await writeDurably(dir, `${String(seq).padStart(16, '0')}.ckpt`, [header(seq, bytes), bytes]);
        for (const old of (await list()).slice(keep)) await unlink(join(dir, old.name));
        await syncDirectory(dir);
      });
      saving = saved.catch(() => undefined); // the caller has the failure; the next save is not affected by it
      return saved;
    },
    load: async (name) => {
      const match = namePattern.exec(name);
      if (match === null) throw new ConnectorError('CHECKPOINT_MISSING', `${name} is no name of a checkpoint in ${dir}`);
      return readWhole(dir, name, Number(match[1]));
    },
  };
}

function header(seq: number, bytes: Uint8Array): Buffer {
  const made = Buffer.alloc(headerBytes);
  magic.copy(made);
  made.writeDoubleLE(seq, 8);
  made.writeDoubleLE(bytes.length, 16);
  made.writeUInt32LE(crc32(bytes), 24);
  made.writeUInt32LE(crc32(made.subarray(0, 28)), 28);
  return made;
}

async function readWhole(dir: string, name: string, seq: number): Promise<Uint8Array> {
  let file: Buffer;
  try {
    file = await readFile(join(dir, name));
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw new ConnectorError('CHECKPOINT_MISSING', `there is no checkpoint ${name} in ${dir}`, { cause: error });
  }
  const damaged = (what: string): ConnectorError => new ConnectorError('CHECKPOINT_DAMAGED', `checkpoint ${name} in ${dir}: ${what}`);
  if (file.length < headerBytes || !file.subarray(0, 8).equals(magic) || crc32(file.subarray(0, 28)) !== file.readUInt32LE(28)) throw damaged('its header is damaged');
  if (file.readDoubleLE(8) !== seq) throw damaged(`it holds seq ${file.readDoubleLE(8)}`);
  const payload = file.subarray(headerBytes);
  if (payload.length !== file.readDoubleLE(16)) throw damaged(`${payload.length} bytes of ${file.readDoubleLE(16)}`);
  if (crc32(payload) !== file.readUInt32LE(24)) throw damaged('its content fails its check');
  return new Uint8Array(payload.buffer, payload.byteOffset, payload.length);
}
