import { readSync, writeSync } from 'node:fs';

/** A program that is measured against the engine. Lines that it is given are valid until it has answered. */
export interface Rival {
  /** Takes events that came before those of interest; their alerts are not asked for. */
  fill(lines: Uint8Array): void | Promise<void>;
  /** Takes the next events. @returns their alerts as `event id, blank, rule id`. */
  feed(lines: Uint8Array): readonly string[] | Promise<readonly string[]>;
  /** Called with the lines before `feed`, unmeasured: what a first look at a key costs and later ones do not. */
  prepare?(lines: Uint8Array): void | Promise<void>;
  /** Answers commands beyond the protocol, for the engine's own scenarios. */
  answer?(verb: string, argument: string, lines: Uint8Array): unknown;
  /** CPU time of helpers in other processes so far, ns. */
  readonly helpersCpuNs?: () => Promise<number>;
  /** Memory of helpers in other processes, MB. */
  readonly helpersMemoryMb?: () => Promise<number>;
}

/**
 * Serves the protocol of the README on stdin and stdout until stdin ends. Only the time between the last byte of a stretch and its
 * last alert is counted, of all threads of the process.
 */
export async function serveRival(rival: Rival): Promise<void> {
  answer({ ready: true });
  for (let command = readCommand(); command !== undefined; command = readCommand()) {
    const lines = readBytes(command.bytes);
    if (command.verb === 'fill') {
      await rival.fill(lines);
      answer({});
      continue;
    }
    if (command.verb !== 'feed') {
      answer(rival.answer?.(command.verb, command.argument, lines) ?? {});
      continue;
    }
    await rival.prepare?.(lines);
    const helpersFrom = await rival.helpersCpuNs?.() ?? 0;
    const from = process.cpuUsage();
    const alerts = await rival.feed(lines);
    const { user, system } = process.cpuUsage(from);
    const helpersNs = (await rival.helpersCpuNs?.() ?? 0) - helpersFrom;
    answer({ cpuNs: (user + system) * 1000 + helpersNs, alerts, memoryMb: Math.round(process.memoryUsage().rss / 2 ** 20 + (await rival.helpersMemoryMb?.() ?? 0)) });
  }
}

/** Calls back with each line of NDJSON, without its line end. */
export function forEachLine(bytes: Uint8Array, visit: (line: Uint8Array) => void): void {
  let from = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    visit(bytes.subarray(from, end));
    from = end + 1;
  }
}

interface Command { readonly verb: string; readonly bytes: number; readonly argument: string }

/** `fill <bytes>` or `feed <bytes>`, perhaps an argument, and a line feed; undefined at the end of stdin. */
function readCommand(): Command | undefined {
  let text = '';
  const byte = new Uint8Array(1);
  for (;;) {
    if (readSync(0, byte) === 0) return undefined;
    if (byte[0] === 10) break;
    text += String.fromCharCode(byte[0] ?? 0);
  }
  const [verb = '', bytes = '0', argument = ''] = text.split(' ');
  return { verb, bytes: Number(bytes), argument };
}

/** One room for all stretches: what is measured pays for no garbage of the measuring. */
let room = new Uint8Array(0);

/** The next bytes of stdin, valid until the next are read. */
function readBytes(count: number): Uint8Array {
  if (room.length < count) room = new Uint8Array(count);
  const bytes = room.subarray(0, count);
  for (let got = 0; got < count;) {
    const more = readSync(0, bytes, got, count - got, null);
    if (more === 0) throw new Error('stdin ended within a stretch');
    got += more;
  }
  return bytes;
}

function answer(value: unknown): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  for (let sent = 0; sent < bytes.length;) sent += writeSync(1, bytes, sent);
}
