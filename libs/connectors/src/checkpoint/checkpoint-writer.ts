import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { CheckpointWriter } from '@weir/stream-core';
import { syncDirectory } from '../durable-file.js';

/** Header of a checkpoint file, 32 bytes, little endian: `WEIRCKP1` | f64 seq | f64 payload bytes | u32 CRC-32 of payload | u32 CRC-32 of the 28 bytes before. */
export const headerBytes = 32;
/** The first eight bytes of a checkpoint file; the digit is its version. */
export const checkpointMagic = Buffer.from('WEIRCKP1', 'latin1');

/**
 * Writes `dir/name` piece by piece into a temporary file of its own. Its header is zeros until `commit` knows size and
 * checksum; then fsync, rename, fsync of the folder. So a crash at any point leaves the file whole or not there.
 */
export async function beginCheckpoint(dir: string, name: string, seq: number, attempt: number): Promise<CheckpointWriter> {
  const temporary = join(dir, `${name.slice(0, -'.ckpt'.length)}.${attempt}.ckpt.tmp`);
  const handle = await open(temporary, 'w', 0o600);
  let size = 0;
  let sum = 0;
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await handle.close();
  };
  return {
    write: async (bytes) => {
      await writeAt(handle, bytes, headerBytes + size);
      sum = crc32(bytes, sum);
      size += bytes.length;
    },
    commit: async () => {
      await writeAt(handle, header(seq, size, sum), 0);
      await handle.sync();
      await close();
      await rename(temporary, join(dir, name));
      await syncDirectory(dir);
    },
    abandon: async () => {
      await close();
      await rm(temporary, { force: true });
    },
  };
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}

function header(seq: number, size: number, sum: number): Buffer {
  const made = Buffer.alloc(headerBytes);
  checkpointMagic.copy(made);
  made.writeDoubleLE(seq, 8);
  made.writeDoubleLE(size, 16);
  made.writeUInt32LE(sum, 24);
  made.writeUInt32LE(crc32(made.subarray(0, 28)), 28);
  return made;
}
