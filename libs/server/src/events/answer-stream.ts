import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

const pieceBytes = 256 * 1024;

/**
 * Writes answers to a client that may read them late, or only after it has sent everything.
 *
 * While the client reads, text goes straight to it. When its buffer is full, text goes to a file on disk, and from there to the
 * client as it reads: order is kept, memory stays flat, and a client that sends first and reads later does not block itself.
 */
export class AnswerStream {
  readonly #out: Writable;
  #file: FileHandle | undefined;
  #path = '';
  #written = 0;
  #read = 0;
  #pumping: Promise<void> | undefined;

  constructor(out: Writable) { this.#out = out; }

  async write(text: string): Promise<void> {
    if (this.#file === undefined && !this.#out.writableNeedDrain) {
      this.#out.write(text);
      return;
    }
    this.#file ??= await this.#openFile();
    const bytes = Buffer.from(text);
    await this.#file.write(bytes, 0, bytes.length, this.#written);
    this.#written += bytes.length;
    this.#pumping ??= this.#pump().finally(() => { this.#pumping = undefined; });
  }

  /** Resolves when everything was handed to the client. Rejects when it is gone. */
  async end(): Promise<void> {
    while (this.#pumping !== undefined) await this.#pumping;
    await this.discard();
    await new Promise<void>((resolve) => this.#out.end(resolve));
  }

  /** Gives the file back; nothing more can be written. */
  async discard(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    await file.close();
    await rm(this.#path, { force: true });
  }

  async #openFile(): Promise<FileHandle> {
    this.#path = join(tmpdir(), `weir-answers-${process.pid}-${randomUUID()}`);
    const file = await open(this.#path, 'wx+', 0o600);
    await rm(this.#path).catch(() => undefined); // nameless from here: a killed process leaves nothing behind. Where that is not allowed, discard removes it.
    return file;
  }

  async #pump(): Promise<void> {
    const piece = Buffer.allocUnsafe(pieceBytes);
    while (this.#file !== undefined && this.#read < this.#written && !this.#out.destroyed) {
      if (this.#out.writableNeedDrain) await this.#drained();
      const { bytesRead } = await this.#file.read(piece, 0, Math.min(pieceBytes, this.#written - this.#read), this.#read);
      this.#read += bytesRead;
      this.#out.write(Buffer.from(piece.subarray(0, bytesRead))); // a copy: the socket may keep it while the piece is read anew
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#out.off('drain', done).off('close', done);
        resolve();
      };
      this.#out.once('drain', done).once('close', done);
    });
  }
}
