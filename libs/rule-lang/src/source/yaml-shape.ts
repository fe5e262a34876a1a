import type { DiagnosticList } from './diagnostic-list.js';
import { didYouMean } from './did-you-mean.js';
import type { YamlEntry, YamlMap, YamlNode, YamlScalar, YamlSeq } from './yaml-tree.js';

/** Reads nodes as what their key expects; each function returns undefined after it told why (or a finding exists already). */
export function expectScalar(node: YamlNode, what: string, found: DiagnosticList, hint?: string): YamlScalar | undefined {
  if (node.kind === 'scalar') return node;
  if (node.kind !== 'refused') found.error('wrong-shape', node, `${what} is a single value, not a ${node.kind === 'map' ? 'map' : 'list'}`, { hint });
  return undefined;
}

export function expectMap(node: YamlNode, what: string, found: DiagnosticList, hint?: string): YamlMap | undefined {
  if (node.kind === 'map') return node;
  if (node.kind !== 'refused') found.error('wrong-shape', node, `${what} is a map of keys and values`, { hint });
  return undefined;
}

export function expectSeq(node: YamlNode, what: string, found: DiagnosticList, hint?: string): YamlSeq | undefined {
  if (node.kind === 'seq') return node;
  if (node.kind !== 'refused') found.error('wrong-shape', node, `${what} is a list`, { hint });
  return undefined;
}

/** One value or a list of values, each a scalar. An empty value is no value. */
export function scalarsOf(node: YamlNode, what: string, found: DiagnosticList): readonly YamlScalar[] | undefined {
  if (node.kind === 'scalar') return [node];
  if (node.kind === 'seq') return node.items.flatMap((item) => expectScalar(item, `each of ${what}`, found) ?? []);
  if (node.kind === 'map') found.error('wrong-shape', node, `${what} is a value or a list of values, not a map`);
  return undefined;
}

/** Tells every key that is not among the allowed ones. */
export function refuseUnknownKeys(map: YamlMap, allowed: readonly string[], where: string, found: DiagnosticList): void {
  for (const { key } of map.entries) {
    if (allowed.includes(key.text)) continue;
    const advice = didYouMean(key.text, allowed);
    found.error('unknown-key', key, `\`${key.text}\` is not a key of ${where}`, advice.hint === undefined ? { hint: `keys: ${allowed.join(', ')}` } : advice);
  }
}

export function entryOf(map: YamlMap, key: string): YamlEntry | undefined {
  return map.entries.find((entry) => entry.key.text === key);
}

/** `true` or `false`; anything else is told. */
export function booleanOf(node: YamlNode, what: string, found: DiagnosticList): boolean | undefined {
  const scalar = expectScalar(node, what, found);
  if (scalar === undefined) return undefined;
  if (scalar.text === 'true' || scalar.text === 'false') return scalar.text === 'true';
  found.error('bad-value', scalar, `${what} is \`true\` or \`false\`, not \`${scalar.text}\``);
  return undefined;
}

/** One of the words; anything else is told, with the nearest. */
export function wordOf<T extends string>(node: YamlNode, words: readonly T[], what: string, found: DiagnosticList): T | undefined {
  const scalar = expectScalar(node, what, found);
  if (scalar === undefined) return undefined;
  const word = words.find((one) => one === scalar.text);
  if (word === undefined) found.error('bad-value', scalar, `${what} is one of ${words.join(', ')}, not \`${scalar.text}\``, didYouMean(scalar.text, words));
  return word;
}
