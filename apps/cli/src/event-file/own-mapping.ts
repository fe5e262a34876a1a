import type { Mapping } from '@weir/ingest';
import type { EventSchema } from '@weir/rule-lang';

/** How events in Weir's own form are read, as `POST /v1/events` takes them: each field is its own column. For files without a mapping. */
export function ownMapping(schema: EventSchema): Mapping {
  const names = schema.types.flatMap(({ fields }) => fields.map(({ name }) => name));
  return {
    type: { column: 'type' }, id: 'id', ts: { column: 'ts', format: { kind: 'event' }, zone: 'UTC' },
    fields: new Map(names.map((name) => [name, name])), constants: new Map(),
  };
}
