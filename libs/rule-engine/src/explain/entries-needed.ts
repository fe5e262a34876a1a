import type { FieldValue, LogEvent } from '@weir/contracts';
import { walkTyped } from '@weir/rule-lang';
import type { TypedRule, WindowAggregate } from '@weir/rule-lang';
import { expressionsOf } from '../interpret/parts-of.js';
import { keyText } from '../interpret/value.js';
import { keyPartOf } from '../interpret/window-span.js';

/** Events of these types that have these values: all of them may matter. No pairs: every event of the types. */
export interface EntryNeed { readonly types: readonly string[]; readonly pairs: readonly { readonly field: string; readonly value: FieldValue }[] }

/**
 * Which events of the log may have a part in what a rule makes of one event: of its own key, and of the keys of its windows.
 * Any other event may be left out of a replay, as long as time moves on (by heartbeats).
 */
export function entriesNeeded(rule: TypedRule, event: LogEvent): readonly EntryNeed[] {
  const own = needOf(rule.on, rule.by.map((field) => ({ counted: field, triggering: field })), event);
  const windows = windowsOfRule(rule).map(({ source }) => {
    // In a step the triggering event is each candidate: it shares the rule's key with this one, and nothing else.
    const isFixed = rule.body.kind !== 'sequence' || source.key.every(({ triggering }) => rule.by.includes(triggering));
    return isFixed ? needOf(source.types, source.key, event) : { types: source.types, pairs: [] };
  });
  return [own, ...windows].filter((need) => need !== undefined);
}

/** Does the event satisfy one of the needs? */
export function isNeeded(event: LogEvent, needs: readonly EntryNeed[]): boolean {
  return needs.some(({ types, pairs }) => types.includes(event.type) && pairs.every(({ field, value }) => {
    const own = keyPartOf(event, field);
    return own !== undefined && keyText(own) === keyText(value);
  }));
}

/** Names of the lists that a rule looks at: their changes count however long ago they were made. */
export function listsNeeded(rule: TypedRule): readonly string[] {
  const names = new Set<string>();
  for (const expr of expressionsOf(rule)) walkTyped(expr, (part) => { if (part.kind === 'inList') names.add(part.list); });
  return [...names];
}

/** Undefined: the event lacks a key field, so nothing is counted for it. */
function needOf(types: readonly string[], key: WindowAggregate['source']['key'], event: LogEvent): EntryNeed | undefined {
  const pairs = key.flatMap(({ counted, triggering }) => {
    const value = keyPartOf(event, triggering);
    return value === undefined ? [] : [{ field: counted, value }];
  });
  return pairs.length === key.length ? { types, pairs } : undefined;
}

function windowsOfRule(rule: TypedRule): readonly WindowAggregate[] {
  const windows: WindowAggregate[] = [];
  for (const expr of expressionsOf(rule)) walkTyped(expr, (part) => { if (part.kind === 'window' && part.source.span.kind !== 'rule') windows.push(part); });
  return windows;
}
