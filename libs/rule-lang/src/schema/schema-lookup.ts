import type { EventSchema, EventTypeSpec, FieldSpec, FieldType } from './event-schema.js';

/** What a name is, seen from events of one or several types. */
export interface FieldMeaning {
  readonly name: string;
  readonly type: FieldType;
  /** Largest declared scale among the types that have the field. */
  readonly scale: number;
  /** Declarations by event type; empty for `id`, `type`, `ts`. */
  readonly declared: readonly { readonly eventType: string; readonly spec: FieldSpec }[];
}

const BUILT_IN: Readonly<Record<string, FieldType>> = { id: 'string', type: 'string', ts: 'timestamp' };

export function eventType(schema: EventSchema, name: string): EventTypeSpec | undefined {
  return schema.types.find((type) => type.name === name);
}

/** Meanings of a name in events of the given types, one for each type of value it has there: one is good, none is unknown, more are ambiguous. */
export function fieldMeanings(schema: EventSchema, types: readonly string[], name: string): readonly FieldMeaning[] {
  const builtIn = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  if (builtIn !== undefined) return [{ name, type: builtIn, scale: 0, declared: [] }];
  const byType = new Map<FieldType, { eventType: string; spec: FieldSpec }[]>();
  for (const typeName of types) {
    const spec = eventType(schema, typeName)?.fields.find((field) => field.name === name);
    if (spec !== undefined) byType.set(spec.type, [...(byType.get(spec.type) ?? []), { eventType: typeName, spec }]);
  }
  return [...byType].map(([type, declared]) => ({ name, type, declared, scale: Math.max(...declared.map(({ spec }) => spec.scale)) }));
}

/** All names that events of the given types may have, built-in ones last. */
export function fieldNames(schema: EventSchema, types: readonly string[]): readonly string[] {
  return [...new Set([...types.flatMap((name) => eventType(schema, name)?.fields.map((field) => field.name) ?? []), ...Object.keys(BUILT_IN)])];
}
