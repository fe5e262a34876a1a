import { type CST, Parser } from 'yaml';

/**
 * Where a YAML text nests its collections deeper than `most` levels, as an offset; undefined when it does not.
 *
 * To be asked before composing: the composer recurses, and where its stack ends inside a regular expression the whole process
 * ends. The parser of the concrete syntax does not recurse, and neither does this walk.
 */
export function tooDeepAt(yamlText: string, most: number): number | undefined {
  const open: { readonly token: CST.Token; readonly depth: number }[] = [...new Parser().parse(yamlText)].map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > most) return token.offset;
    if (token.type === 'document' && token.value !== undefined) open.push({ token: token.value, depth });
    if (token.type !== 'block-map' && token.type !== 'block-seq' && token.type !== 'flow-collection') continue;
    for (const { key, value } of token.items) for (const one of [key, value]) if (one !== null && one !== undefined) open.push({ token: one, depth: depth + 1 });
  }
  return undefined;
}
