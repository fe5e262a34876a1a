import { parseSchema } from '@weir/rule-lang';
import type { EventSchema, FieldType } from '@weir/rule-lang';

/** Fields of the generated event types by name; the same name has one type wherever it stands. */
const fieldTypes = {
  acct: 'string', device: 'string', merchant: 'string', payee: 'string', note: 'string', event_id: 'string',
  amount: 'decimal', fee: 'decimal', tries: 'int', score: 'double', declined: 'bool', fraud: 'bool', seen_at: 'timestamp', place: 'geo',
} as const satisfies Record<string, FieldType>;

/** Name of a generated field. */
export type WorkloadField = keyof typeof fieldTypes;
/** Name of a generated event type. */
export type WorkloadType = 'payment' | 'transfer' | 'label';

/** Which fields a generated type has, the required ones first. */
const fieldsOfType: Readonly<Record<WorkloadType, readonly WorkloadField[]>> = {
  payment: ['acct', 'device', 'merchant', 'note', 'amount', 'fee', 'tries', 'score', 'declined', 'seen_at', 'place'],
  transfer: ['acct', 'payee', 'device', 'amount', 'tries', 'note'],
  label: ['event_id', 'acct', 'merchant', 'fraud', 'amount'],
};
const required: Readonly<Record<WorkloadType, readonly WorkloadField[]>> = { payment: [], transfer: ['acct'], label: ['event_id', 'fraud'] };

/** All event types of the generated schemas. */
export const workloadTypes: readonly WorkloadType[] = ['payment', 'transfer', 'label'];

/** Fields of an event type. */
export function fieldsOf(type: WorkloadType): readonly WorkloadField[] { return fieldsOfType[type]; }
/** Must every event of the type have the field? */
export function isRequired(type: WorkloadType, field: WorkloadField): boolean { return required[type].includes(field); }
/** Type of a field; it is the same in every event type. */
export function typeOf(field: WorkloadField): FieldType { return fieldTypes[field]; }

/** Digits after the point that the two decimals may have. */
export interface WorkloadScales { readonly amount: number; readonly fee: number }

/** The text of a schema with these decimal scales. */
export function schemaText(scales: WorkloadScales): string {
  const declared = (type: WorkloadType, field: WorkloadField): string => {
    const scale = field === 'amount' || field === 'fee' ? `, scale: ${scales[field]}` : '';
    return `    ${field}: { type: ${fieldTypes[field]}${scale}${isRequired(type, field) ? ', required: true' : ''} }`;
  };
  const types = workloadTypes.map((type) => [`  ${type}:`, ...(type === 'label' ? ['    late: restamp'] : []), ...fieldsOfType[type].map((field) => declared(type, field))].join('\n'));
  return ['version: 1', 'currency: EUR', 'events:', ...types, ''].join('\n');
}

/** Throws when the front end refuses the schema: then generator or front end is wrong. */
export function workloadSchema(text: string): EventSchema {
  const { schema, diagnostics } = parseSchema(text, 'schema.yaml');
  if (schema === undefined) throw new Error(`the generated schema is refused: ${JSON.stringify(diagnostics)}\n${text}`);
  return schema;
}
