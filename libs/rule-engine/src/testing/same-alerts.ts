import type { Alert, LogEntry } from '@weir/contracts';
import type { RuleEngine } from '../engine.js';

/** Where two lists of alerts first differ, in words; undefined when they are the same. */
export function alertDifference(a: readonly Alert[], b: readonly Alert[]): string | undefined {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [left, right] = [a[index], b[index]];
    const place = `alert ${index + 1} of ${a.length} and ${b.length}`;
    if (left === undefined || right === undefined) return `${place}: ${left === undefined ? 'missing on the left' : 'missing on the right'}: ${nameOf(left ?? right)}`;
    const path = firstDifference(left, right, '');
    if (path !== undefined) return `${place} (${nameOf(left)}): ${path}`;
  }
  return undefined;
}

function nameOf(alert: Alert | undefined): string { return alert === undefined ? '-' : `${alert.rule} on ${alert.trigger?.id ?? 'no event'} at seq ${alert.seq}`; }

/** Path and values of the first difference of two plain values; a property that is undefined is absent. */
function firstDifference(a: unknown, b: unknown, path: string): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return `${path}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const found = firstDifference(left.get(name), right.get(name), `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All alerts of a whole log, the end of the input included. */
export function playAll(engine: RuleEngine, entries: readonly LogEntry[]): readonly Alert[] {
  return [...entries.flatMap((entry) => engine.apply(entry)), ...engine.end()];
}
