import { DiagnosticList } from '../source/diagnostic-list.js';
import { sourceText, type TextRange } from '../source/source-text.js';
import { fileRange, quoteYaml, readYaml, type YamlNode, type YamlScalar } from '../source/yaml-tree.js';
import { parseExpression } from '../syntax/parser.js';
import type { Syntax } from '../syntax/syntax-tree.js';

/** A place in a rule file: keys of maps and indexes of lists, from the root: `['let', 'probes']`, `['sequence', 'steps', 1, 'where']`. */
export type RulePath = readonly (string | number)[];

/** A literal of an expression, as a form or a threshold sweep offers it. */
export interface EditableLiteral {
  readonly path: RulePath;
  /** As written: `5.00`, `"10m"`. */
  readonly text: string;
  readonly kind: 'number' | 'string' | 'bool';
  /** Offsets in the file. */
  readonly range: TextRange;
}

export type EditResult = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: 'not-yaml' | 'no-such-place' | 'not-a-value' };

const EXPRESSION = /^(?:when|where|until|having)$/;

/**
 * Puts a new value in place of the scalar at a path and leaves every other byte of the file alone, comments and layout included.
 * The value is quoted if YAML needs it; a block scalar stays one, with its indentation.
 */
export function replaceValue(text: string, path: RulePath, value: string): EditResult {
  const root = rootOf(text);
  if (root === undefined) return { ok: false, reason: 'not-yaml' };
  const node = nodeAt(root, path);
  if (node === undefined) return { ok: false, reason: 'no-such-place' };
  if (node.kind !== 'scalar') return { ok: false, reason: 'not-a-value' };
  const written = writeScalar(text, node, value);
  const space = node.start === node.end && !/\s/.test(text.charAt(node.start - 1)) ? ' ' : '';
  return { ok: true, text: `${text.slice(0, node.start)}${space}${written}${text.slice(node.end)}` };
}

/** All literals of a rule's expressions with their places; empty for a text that is no YAML. Expressions with a syntax error have none. */
export function editableLiterals(text: string): readonly EditableLiteral[] {
  const root = rootOf(text);
  const literals: EditableLiteral[] = [];
  if (root === undefined) return literals;
  for (const { path, scalar } of expressionsIn(root, [])) {
    const parsed = parseExpression(scalar.text);
    if (!parsed.ok) continue;
    walk(parsed.tree, (tree) => {
      if (tree.kind !== 'number' && tree.kind !== 'string' && tree.kind !== 'bool') return;
      literals.push({ path, kind: tree.kind, text: scalar.text.slice(tree.start, tree.end), range: fileRange(scalar, tree) });
    });
  }
  return literals;
}

/**
 * Puts another literal in place of one, byte by byte where it stands; every other byte stays. Inside a quoted scalar the new
 * text is escaped as that style needs.
 * @param literal one of {@link editableLiterals} of the same text.
 */
export function replaceLiteral(text: string, literal: EditableLiteral, value: string): EditResult {
  const root = rootOf(text);
  if (root === undefined) return { ok: false, reason: 'not-yaml' };
  const node = nodeAt(root, literal.path);
  if (node?.kind !== 'scalar' || !editableLiterals(text).some(({ range }) => range.start === literal.range.start && range.end === literal.range.end)) return { ok: false, reason: 'no-such-place' };
  const escaped = node.style === 'double' ? escapeDouble(value) : node.style === 'single' ? value.replaceAll("'", "''") : value;
  return { ok: true, text: text.slice(0, literal.range.start) + escaped + text.slice(literal.range.end) };
}

function rootOf(text: string): YamlNode | undefined {
  const source = sourceText(text, '');
  return text.length > 65_536 ? undefined : readYaml(source, new DiagnosticList(source));
}

function nodeAt(root: YamlNode, path: RulePath): YamlNode | undefined {
  let node: YamlNode | undefined = root;
  for (const step of path) {
    if (node?.kind === 'map') node = node.entries.find(({ key }) => key.text === step)?.value;
    else if (node?.kind === 'seq' && typeof step === 'number') node = node.items[step];
    else return undefined;
  }
  return node;
}

function* expressionsIn(node: YamlNode, path: RulePath): Generator<{ readonly path: RulePath; readonly scalar: YamlScalar }> {
  if (node.kind === 'map') {
    for (const { key, value } of node.entries) {
      if (path.length === 0 && key.text === 'tests') continue;
      const here = [...path, key.text];
      const isExpression = EXPRESSION.test(key.text) || (path.length === 1 && path[0] === 'let');
      if (isExpression && value.kind === 'scalar') yield { path: here, scalar: value };
      else yield* expressionsIn(value, here);
    }
  } else if (node.kind === 'seq') {
    for (const [index, item] of node.items.entries()) yield* expressionsIn(item, [...path, index]);
  }
}

function walk(tree: Syntax, visit: (tree: Syntax) => void): void {
  visit(tree);
  switch (tree.kind) {
    case 'select': case 'unary': return walk(tree.operand, visit);
    case 'call': return [...(tree.target === undefined ? [] : [tree.target]), ...tree.args].forEach((part) => walk(part, visit));
    case 'binary':
      walk(tree.left, visit);
      return walk(tree.right, visit);
    case 'conditional': return [tree.condition, tree.then, tree.otherwise].forEach((part) => walk(part, visit));
    case 'list': return tree.items.forEach((part) => walk(part, visit));
    default: return;
  }
}

function escapeDouble(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/** Plain text that YAML reads as it is, in block and in flow style. */
function isPlain(value: string): boolean {
  return /^[^\s!&*[\]{}|>%@`"'#,?:-](?:[^\n#:[\]{},]|:(?=\S)|(?<=\S)#)*$/.test(value) && !/\s$/.test(value) && !value.endsWith(':');
}

function writeScalar(text: string, node: YamlScalar, value: string): string {
  if (node.style === 'block') {
    const header = /^[|>][^\n]*\n/.exec(text.slice(node.start, node.end))?.[0] ?? '|-\n';
    const indent = /^[ ]+(?=\S)/m.exec(text.slice(node.start + header.length, node.end))?.[0] ?? '  ';
    const tail = text.slice(node.start, node.end).endsWith('\n') ? '\n' : '';
    return header + value.split('\n').map((line) => (line === '' ? '' : indent + line)).join('\n') + tail;
  }
  if (node.style === 'double') return `"${escapeDouble(value)}"`;
  if (node.style === 'single' && !value.includes('\n')) return `'${value.replaceAll("'", "''")}'`;
  if (isPlain(value)) return value;
  return value.includes('\n') ? `"${escapeDouble(value)}"` : quoteYaml(value);
}
