import type { LogEvent } from '@weir/contracts';
import type { EventContent } from '../validate/validate-event.js';

/**
 * Whether two events with one id say the same: type, stated ts, fields and extra, whatever the order of their members.
 * Channel, seq, lateness and a changed ts (restamp) are how it was received, not what it says.
 */
export function sameContent(one: EventContent, other: EventContent | LogEvent, compareTime = true): boolean {
  if (one.type !== other.type) return false;
  if (compareTime && (one.statedTs ?? one.ts) !== (other.statedTs ?? other.ts)) return false;
  return equal(one.fields, other.fields) && equal(one.extra ?? {}, other.extra ?? {});
}

function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  // `as`: both are objects, and only own members that Object.keys named are read
  const [a, b] = [one as Record<string, unknown>, other as Record<string, unknown>];
  return names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]));
}
