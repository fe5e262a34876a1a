/** What a rule text declares, as far as it can be seen while it is being typed. */
export interface RuleOutline {
  readonly on: readonly string[];
  readonly by: readonly string[];
  readonly lets: readonly { readonly name: string; readonly text: string }[];
  readonly steps: readonly { readonly name: string; readonly contiguity: string; readonly on: readonly string[] }[];
  readonly isWindowRule: boolean;
}

/** Reads the outline line by line, without a YAML parser: half-written files have one too. O(text). */
export function ruleOutline(text: string): RuleOutline {
  const lines = text.split('\n');
  const lets: { name: string; text: string }[] = [];
  const steps: { name: string; contiguity: string; on: readonly string[] }[] = [];
  let top = '';
  for (const line of lines) {
    const key = /^([A-Za-z_]+):/.exec(line);
    if (key !== null) top = key[1] ?? '';
    const nested = /^\s{1,8}([A-Za-z_]\w*):\s*(.*)$/.exec(line);
    if (top === 'let' && nested !== null) lets.push({ name: nested[1] ?? '', text: nested[2] ?? '' });
    const step = /^\s*-\s*(begin|next|followedBy|followedByAny|notNext|notFollowedBy):\s*(\w+)/.exec(line);
    if (top === 'sequence' && step !== null) steps.push({ contiguity: step[1] ?? '', name: step[2] ?? '', on: [] });
    const last = steps.at(-1);
    if (top === 'sequence' && nested?.[1] === 'on' && last !== undefined) steps[steps.length - 1] = { ...last, on: words(nested[2] ?? '') };
  }
  return { on: listAt(lines, 'on'), by: listAt(lines, 'by'), lets, steps, isWindowRule: lines.some((line) => /^(?:window|having):/.test(line)) };
}

function listAt(lines: readonly string[], key: string): readonly string[] {
  const at = lines.findIndex((line) => line.startsWith(`${key}:`));
  if (at === -1) return [];
  const inLine = words((lines[at] ?? '').slice(key.length + 1));
  if (inLine.length > 0) return inLine;
  const items: string[] = [];
  for (let i = at + 1; i < lines.length && /^\s*-\s/.test(lines[i] ?? ''); i += 1) items.push(...words(lines[i] ?? ''));
  return items;
}

function words(text: string): readonly string[] {
  return text.replace(/\s#.*$/, '').match(/[A-Za-z_]\w*/g) ?? [];
}
