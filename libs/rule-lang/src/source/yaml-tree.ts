import { Composer, type CST, isMap, isPair, isScalar, isSeq, Parser, type Scalar } from 'yaml';
import type { DiagnosticList } from './diagnostic-list.js';
import { alignScalar, type ScalarOffsets } from './scalar-offsets.js';
import type { SourceText, TextRange } from './source-text.js';

/** A scalar: its text, never interpreted; what it means is decided by the key that expects it. */
export interface YamlScalar extends TextRange {
  readonly kind: 'scalar';
  readonly text: string;
  readonly style: 'plain' | 'single' | 'double' | 'block';
  /** Where each unit of `text` stands in the file; undefined: the text stands at `start` as it is. */
  readonly offsets?: ScalarOffsets | undefined;
}
export interface YamlEntry { readonly key: YamlScalar; readonly value: YamlNode }
export interface YamlMap extends TextRange { readonly kind: 'map'; readonly entries: readonly YamlEntry[] }
export interface YamlSeq extends TextRange { readonly kind: 'seq'; readonly items: readonly YamlNode[] }
/** A place whose content was refused (tag, anchor, alias): a finding exists already, nothing more is said about it. */
export interface YamlRefused extends TextRange { readonly kind: 'refused' }
export type YamlNode = YamlScalar | YamlMap | YamlSeq | YamlRefused;

/** Deepest nesting of collections. The composer recurses, and a stack that ends inside it takes the whole process along. */
const DEEPEST = 32;
/** Keys whose value is an expression or holds some: there a YAML fault most likely means "quote it". */
const EXPRESSION_KEY = /^\s*(?:-\s+)?(?:when|where|until|having)\s*:|^\s{1,8}[A-Za-z_]\w*\s*:/;
const QUOTE_IT = 'an expression that begins with ! & * [ { | > % @ or a quote, or holds ": " or " #", needs quotes or a block scalar (`when: |-`)';

/** A text that no UTF-8 can carry: it would be one text in memory and another in the log. */
const HALF_PAIR = /\p{Surrogate}/u;

/**
 * Reads a YAML 1.2 file of one document into nodes with offsets; scalars stay texts. Tags, anchors, aliases, duplicate keys,
 * directives and further documents are findings. Never throws; time is bounded by the caller's limit on the text's size.
 *
 * @returns undefined when the text is no YAML or too deep: the findings say where.
 */
export function readYaml(source: SourceText, found: DiagnosticList): YamlNode | undefined {
  const tokens = [...new Parser().parse(source.text)];
  const refused = inspect(tokens, source, found);
  if (refused === undefined) return undefined;
  const documents = [...new Composer({ schema: 'failsafe', prettyErrors: false, logLevel: 'silent', strict: true, uniqueKeys: false }).compose(tokens)];
  const [document, second] = documents;
  let broken = false;
  for (const { errors } of documents.slice(0, 1)) {
    for (const { code, message, pos } of errors) {
      if (found.isFull) break;
      broken = true;
      const value = valueAround(source, pos[0]);
      found.error('yaml-syntax', { start: pos[0], end: Math.max(pos[1], pos[0]) }, `this is not YAML: ${yamlFault(code, message)}`, value === undefined ? {} : { hint: QUOTE_IT });
    }
  }
  if (second !== undefined) {
    const start = Math.max(source.text.lastIndexOf('---', second.range[0]), 0);
    found.error('yaml-several-documents', { start, end: start + 3 }, 'a file holds one document', { hint: 'remove the line `---` or move what follows to a file of its own' });
  }
  if (broken) return undefined;
  return document === undefined || document.contents === null ? undefined : convert(document.contents, source, found, refused);
}

/** Walks the concrete syntax without recursion: depth, tags, anchors, aliases, directives. Returns the offsets of refused values. */
function inspect(tokens: readonly CST.Token[], source: SourceText, found: DiagnosticList): ReadonlySet<number> | undefined {
  const refused = new Set<number>();
  const open: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > DEEPEST) {
      found.error('yaml-too-deep', { start: token.offset, end: token.offset + 1 }, `nested deeper than ${DEEPEST} levels`);
      return undefined;
    }
    checkToken(token, source, found, refused);
    const add = (more: CST.Token | null | undefined, deeper: number): void => { if (more) open.push({ token: more, depth: depth + deeper }); };
    if ('start' in token && Array.isArray(token.start)) token.start.forEach((one) => add(one, 0));
    if (token.type === 'document') add(token.value, 0);
    if (token.type === 'block-scalar') token.props.forEach((one) => add(one, 0));
    if (token.type === 'block-map' || token.type === 'block-seq' || token.type === 'flow-collection') {
      for (const item of token.items) {
        item.start.forEach((one) => add(one, 0));
        add(item.key, 1);
        item.sep?.forEach((one) => add(one, 0));
        add(item.value, 1);
      }
    }
  }
  return refused;
}

function checkToken(token: CST.Token, source: SourceText, found: DiagnosticList, refused: Set<number>): void {
  if (found.isFull) return;
  const range = { start: token.offset, end: token.offset + ('source' in token && typeof token.source === 'string' ? token.source.length : 1) };
  if (token.type === 'tag') {
    refused.add(range.start);
    const rest = restOfLine(source.text, range.start);
    const expression = source.text.slice(rest.start, rest.end);
    if (expression.startsWith('!!') || expression.startsWith('!<')) found.error('yaml-tag', range, `the YAML tag \`${source.text.slice(range.start, range.end)}\` is not allowed`, { hint: 'remove it: a value is read by what its key expects' });
    else found.error('yaml-tag', rest, `\`${expression}\` begins with \`!\`, which is a YAML tag and not an expression`, { hint: `quote the expression, or write it as a block scalar (\`when: |-\`)`, fix: quoteYaml(expression) });
  } else if (token.type === 'anchor' || token.type === 'alias') {
    refused.add(range.start);
    found.error('yaml-anchor', range, `the YAML ${token.type} \`${source.text.slice(range.start, range.end)}\` is not allowed`, { hint: `write the value out; ${QUOTE_IT}` });
  } else if (token.type === 'directive' || token.type === 'directive-line') {
    if (!/^%YAML\s+1\.2\b/.test(source.text.slice(range.start, range.end))) found.error('yaml-directive', range, 'YAML directives are not allowed', { hint: 'rule files are YAML 1.2; remove the line' });
  }
}

/** Text as a YAML scalar in quotes of the kind that needs the fewest escapes. */
export function quoteYaml(text: string): string {
  return text.includes('"') || text.includes('\\') ? `'${text.replaceAll("'", "''")}'` : `"${text}"`;
}

function restOfLine(text: string, start: number): TextRange {
  const lineEnd = text.indexOf('\n', start);
  const line = text.slice(start, lineEnd === -1 ? text.length : lineEnd);
  return { start, end: start + line.replace(/\s+#.*$/, '').trimEnd().length };
}

/** The line around an offset when it looks like `key: expression`. */
function valueAround(source: SourceText, offset: number): string | undefined {
  const start = source.text.lastIndexOf('\n', Math.max(offset - 1, 0)) + 1;
  const line = source.text.slice(start, offset + 1);
  return EXPRESSION_KEY.test(line) ? line : undefined;
}

/** The parser's words, in those of a rule's author where they differ most. */
function yamlFault(code: string, message: string): string {
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return 'a second `: ` on the line, or a line that is indented too far';
  if (message.startsWith('Unexpected scalar at node end')) return 'something follows the value';
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function rangeOf(node: { range?: readonly [number, number, number] | null | undefined }): TextRange {
  return { start: node.range?.[0] ?? 0, end: node.range?.[1] ?? 0 };
}

/** @param node a node of the composed document; the depth is bounded by {@link inspect}. */
function convert(node: unknown, source: SourceText, found: DiagnosticList, refused: ReadonlySet<number>): YamlNode {
  if (isMap(node)) {
    const range = rangeOf(node);
    if (isRefused(node, range.start, refused)) return { kind: 'refused', ...range };
    const entries: YamlEntry[] = [];
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const name = convert(key, source, found, refused);
      if (name.kind !== 'scalar') {
        if (name.kind !== 'refused') found.error('wrong-shape', name, 'a key is a word');
        continue;
      }
      if (seen.has(name.text)) found.error('yaml-duplicate-key', name, `the key \`${name.text}\` is there twice`);
      seen.add(name.text);
      entries.push({ key: name, value: value === null ? { kind: 'scalar', text: '', style: 'plain', start: name.end, end: name.end } : convert(value, source, found, refused) });
    }
    return { kind: 'map', entries, ...range };
  }
  if (isSeq(node)) {
    const range = rangeOf(node);
    if (isRefused(node, range.start, refused)) return { kind: 'refused', ...range };
    return { kind: 'seq', items: node.items.map((item) => convert(isPair(item) ? item.value : item, source, found, refused)), ...range };
  }
  if (isScalar(node)) {
    const scalar = convertScalar(node, source, refused);
    if (scalar.kind !== 'scalar' || !HALF_PAIR.test(scalar.text)) return scalar;
    found.error('yaml-syntax', scalar, 'this is not YAML: half of a surrogate pair is no character');
    return { kind: 'refused', start: scalar.start, end: scalar.end };
  }
  return { kind: 'refused', ...rangeOf(typeof node === 'object' && node !== null ? node : {}) }; // an alias: told by checkToken
}

function isRefused(node: { tag?: string | undefined; anchor?: string | undefined }, start: number, refused: ReadonlySet<number>): boolean {
  return refused.has(start) || node.anchor !== undefined || (refused.size > 0 && node.tag?.startsWith('!') === true);
}

function convertScalar(node: Scalar, source: SourceText, refused: ReadonlySet<number>): YamlNode {
  const range = rangeOf(node);
  if (isRefused(node, range.start, refused)) return { kind: 'refused', ...range };
  const text = typeof node.value === 'string' ? node.value : '';
  const kind = 'scalar';
  if (node.type === 'QUOTE_DOUBLE') return { kind, text, style: 'double', ...range, offsets: alignScalar(text, source.text, range.start, range.end, 'double') };
  if (node.type === 'QUOTE_SINGLE') return { kind, text, style: 'single', ...range, offsets: alignScalar(text, source.text, range.start, range.end, 'single') };
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') {
    const body = source.text.indexOf('\n', range.start) + 1;
    return { kind, text, style: 'block', ...range, offsets: alignScalar(text, source.text, body === 0 ? range.end : body, range.end, 'bare') };
  }
  const isPlainLine = source.text.startsWith(text, range.start) && range.end - range.start === text.length;
  return { kind, text, style: 'plain', ...range, ...(isPlainLine ? {} : { offsets: alignScalar(text, source.text, range.start, range.end, 'bare') }) };
}

/** The range in the file of [start, end) of a scalar's text. */
export function fileRange(scalar: YamlScalar, range: TextRange): TextRange {
  const { offsets, text } = scalar;
  if (scalar.style === 'plain' && offsets === undefined) return { start: scalar.start + range.start, end: scalar.start + range.end };
  if (offsets === undefined) return { start: scalar.start, end: scalar.end };
  const closing = offsets.ends[text.length - 1] ?? scalar.start;
  const start = offsets.starts[range.start] ?? closing;
  return { start, end: range.end > range.start ? (offsets.ends[range.end - 1] ?? closing) : start };
}
