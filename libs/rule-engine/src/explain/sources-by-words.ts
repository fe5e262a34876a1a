import type { ExplainedNode, Explanation } from '@weir/contracts';

/**
 * An explanation of before values said what they are made from: there every name in the text of a sub-expression, through `let`s,
 * counts as such. Too many rather than too few.
 */
export function sourcesByWords(explanation: Explanation): Explanation {
  const ofLets = new Map<string, readonly string[]>();
  const sourcesOf = (text: string): string[] => [...new Set((text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []).flatMap((word) => ofLets.get(word) ?? [word]))];
  for (const { name, node } of explanation.lets) ofLets.set(name, sourcesOf(node.text)); // they name earlier ones only
  const traced = (node: ExplainedNode): ExplainedNode => {
    const from = sourcesOf(node.text);
    const { comparison, children } = node;
    return {
      ...node, value: node.value.type === 'unknown' ? node.value : { ...node.value, from },
      ...(comparison === undefined ? {} : { comparison: { ...comparison, left: { ...comparison.left, from }, right: { ...comparison.right, from } } }),
      ...(children === undefined ? {} : { children: children.map(traced) }),
    };
  };
  return {
    ...explanation,
    conditions: explanation.conditions.map(traced),
    lets: explanation.lets.map(({ name, node }) => ({ name, node: traced(node) })),
    windows: explanation.windows.map((window) => ({ ...window, value: { ...window.value, from: sourcesOf(window.text) }, countedFrom: sourcesOf(window.text) })),
  };
}
