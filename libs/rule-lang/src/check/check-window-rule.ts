import { windowKeys } from '../rule-file/rule-keys.js';
import type { DiagnosticList } from '../source/diagnostic-list.js';
import { entryOf, expectMap, refuseUnknownKeys } from '../source/yaml-shape.js';
import type { TextRange } from '../source/source-text.js';
import type { YamlNode } from '../source/yaml-tree.js';
import { tellLongSpan } from './check-sequence.js';
import { readSpan } from './read-sequence.js';
import type { TypedBody } from './typed-rule.js';

type RuleWindow = Extract<TypedBody, { kind: 'window' }>['window'];
interface Reading { readonly found: DiagnosticList; readonly retentionMs: number }

/** Reads `window: { tumble: 5m }`, `{ hop: { size, every } }` or `{ session: { gap } }`. */
export function readRuleWindow(node: YamlNode, reading: Reading): RuleWindow | undefined {
  const { found } = reading;
  const map = expectMap(node, '`window`', found, '{ tumble: 5m }, { hop: { size: 10m, every: 1m } } or { session: { gap: 30m } }');
  if (map === undefined) return undefined;
  refuseUnknownKeys(map, Object.keys(windowKeys), '`window`', found);
  const [entry, second] = map.entries.filter(({ key }) => Object.hasOwn(windowKeys, key.text));
  if (entry === undefined || second !== undefined) {
    if (map.entries.length === 0 || second !== undefined) found.error('bad-window', second?.key ?? map, 'a window is one of tumble, hop, session');
    return undefined;
  }
  switch (entry.key.text) {
    case 'tumble': return tumble(entry.value, reading);
    case 'hop': return hop(entry.value, reading);
    default: return session(entry.value, reading);
  }
}

function bounded(node: YamlNode, key: string, reading: Reading): number | undefined {
  const ms = readSpan(node, `\`${key}\``, reading.found);
  return ms !== undefined && tellLongSpan(reading, node, ms, key) ? ms : undefined;
}

function tumble(node: YamlNode, reading: Reading): RuleWindow | undefined {
  const sizeMs = bounded(node, 'tumble', reading);
  return sizeMs === undefined ? undefined : { kind: 'tumble', sizeMs };
}

function parts(node: YamlNode, kind: string, keys: readonly string[], reading: Reading): readonly (number | undefined)[] {
  const map = expectMap(node, `\`${kind}\``, reading.found, `{ ${keys.map((key) => `${key}: 10m`).join(', ')} }`);
  if (map === undefined) return [];
  refuseUnknownKeys(map, keys, `\`${kind}\``, reading.found);
  return keys.map((key) => {
    const entry = entryOf(map, key);
    if (entry === undefined) reading.found.error('missing-key', place(map), `\`${kind}\` has the key \`${key}\``);
    return entry === undefined ? undefined : bounded(entry.value, key, reading);
  });
}

function place({ start, end }: TextRange): TextRange {
  return { start, end };
}

function hop(node: YamlNode, reading: Reading): RuleWindow | undefined {
  const [sizeMs, everyMs] = parts(node, 'hop', ['size', 'every'], reading);
  if (sizeMs === undefined || everyMs === undefined) return undefined;
  if (sizeMs % everyMs === 0) return { kind: 'hop', sizeMs, everyMs };
  reading.found.error('bad-window', place(node), '`size` must be a multiple of `every`');
  return undefined;
}

function session(node: YamlNode, reading: Reading): RuleWindow | undefined {
  const [gapMs] = parts(node, 'session', ['gap'], reading);
  return gapMs === undefined ? undefined : { kind: 'session', gapMs };
}
