import { ArraySplitter, LineSplitter, type Element, type Line, type Refusal } from '@weir/ingest';

/** One event of a channel, not yet read. */
export interface IntakeItem {
  readonly raw: Uint8Array;
  /** Where it stood, for people: `line 17`, `[3]`, `row 5`. */
  readonly position: string;
  /** Whole length, where `raw` is only its beginning. */
  readonly rawBytes?: number | undefined;
  /** Known to be refused before it is read (too large, cut off). */
  readonly refusal?: Refusal | undefined;
}

/** Longest event that is read, bytes; above a megabyte so that a huge text is refused by its field's name. */
export const defaultMaxEventBytes = 4 * 1024 * 1024;

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The events of an NDJSON stream, as many as each chunk completes. A line that is too long is one refused event. Memory: a chunk and a line. */
export async function* ndjsonItems(chunks: Chunks, maxEventBytes = defaultMaxEventBytes): AsyncGenerator<readonly IntakeItem[]> {
  const splitter = new LineSplitter(maxEventBytes);
  for await (const chunk of chunks) {
    const lines: Line[] = [];
    splitter.push(chunk, lines);
    if (lines.length > 0) yield lines.map((line) => itemOfLine(line, maxEventBytes));
  }
  const lines: Line[] = [];
  splitter.end(lines);
  if (lines.length > 0) yield lines.map((line) => itemOfLine(line, maxEventBytes));
}

/** The events of a JSON body: the elements of an array, each answered on its own, or one object. */
export async function* jsonItems(chunks: Chunks, maxEventBytes = defaultMaxEventBytes): AsyncGenerator<readonly IntakeItem[]> {
  const splitter = new ArraySplitter(maxEventBytes);
  for await (const chunk of chunks) {
    const elements: Element[] = [];
    splitter.push(chunk, elements);
    if (elements.length > 0) yield elements.map((element) => itemOfElement(element, maxEventBytes));
  }
  const elements: Element[] = [];
  splitter.end(elements);
  if (elements.length > 0) yield elements.map((element) => itemOfElement(element, maxEventBytes));
}

function itemOfLine(line: Line, maxEventBytes: number): IntakeItem {
  return { raw: line.bytes, position: `line ${line.line}`, ...(line.tooLong ? tooLarge(line.rawBytes, maxEventBytes) : undefined) };
}

function itemOfElement(element: Element, maxEventBytes: number): IntakeItem {
  const cut = element.tooLong ? tooLarge(element.rawBytes, maxEventBytes) : undefined;
  return { raw: element.bytes, position: `[${element.index}]`, ...cut, ...(element.fault === undefined ? undefined : { refusal: { ok: false as const, code: 'malformed-json' as const, message: element.fault } }) };
}

function tooLarge(rawBytes: number, maxEventBytes: number): Pick<IntakeItem, 'rawBytes' | 'refusal'> {
  return { rawBytes, refusal: { ok: false, code: 'too-large', message: `the event has ${rawBytes} bytes, the limit is ${maxEventBytes}` } };
}
