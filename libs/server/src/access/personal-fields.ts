import { maskedValue } from '@weir/case-model';
import { hiddenText, type Hiding } from '@weir/rule-engine';
import type { EventSchema } from '@weir/rule-lang';

/** Hides the fields marked `pii` in any event type: of a text its last four characters stay, of anything else nothing. */
export function personalFields(schema: EventSchema): Hiding {
  const personal = schema.types.flatMap(({ fields }) => fields.filter(({ pii }) => pii));
  const names = new Set(personal.map(({ name }) => name));
  const measured = new Set(personal.filter(({ type }) => type !== 'string').map(({ name }) => name));
  return { hides: (field) => names.has(field), shown: (field, value) => (measured.has(field) ? hiddenText : maskedValue(value)) };
}
