import { maskedValue } from '@weir/case-model';
import { hiddenText, type Hiding } from '@weir/rule-engine';
import type { EventSchema } from '@weir/rule-lang';

/** Names of the fields marked `pii` in any event type. */
export class PersonalFields extends Set<string> {
  /** Those whose last characters say something of the value: all but texts. */
  readonly measured = new Set<string>();

  constructor(schema: EventSchema) {
    super();
    for (const { name, pii, type } of schema.types.flatMap(({ fields }) => fields)) {
      if (!pii) continue;
      this.add(name);
      if (type !== 'string') this.measured.add(name);
    }
  }
}

/** The personal fields of a schema. */
export function personalFields(schema: EventSchema): PersonalFields { return new PersonalFields(schema); }

/** Hides personal fields: of a text its last four characters stay, of a number nothing. */
export function hidingOf(personal: ReadonlySet<string>): Hiding {
  const isMeasured = (field: string): boolean => personal instanceof PersonalFields && personal.measured.has(field);
  return { hides: (field) => personal.has(field), shown: (field, value) => (isMeasured(field) ? hiddenText : maskedValue(value)) };
}
