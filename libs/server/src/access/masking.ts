import type { Alert, AlertRow, CaseRow } from '@weir/contracts';
import { maskedValue } from '@weir/case-model';
import { withoutPersonalDistances } from './mask-explanation.js';
import type { EventSchema } from '@weir/rule-lang';

/** Names of the fields marked `pii` in any event type. */
export const personalFields = (schema: EventSchema): ReadonlySet<string> =>
  new Set(schema.types.flatMap(({ fields }) => fields.filter(({ pii }) => pii).map(({ name }) => name)));

/** `account_id+ip` is personal when one of its fields is. */
const isPersonal = (field: string, personal: ReadonlySet<string>): boolean => field.split('+').some((name) => personal.has(name));

type ReasonPart = Alert['reasonParts'][number];

/** Masks the personal values of a sentence by the ranges they stand in. A range of a `let` is masked when its text is one of `values`. */
function maskReason(reason: string, parts: readonly ReasonPart[], personal: ReadonlySet<string>, values: readonly string[]): string {
  let masked = '';
  let at = 0;
  for (const { start, end, name } of [...parts].sort((a, b) => a.start - b.start)) {
    const text = reason.slice(start, end);
    const plainName = name.slice(name.lastIndexOf('.') + 1); // `step.field`
    masked += reason.slice(at, start) + (personal.has(plainName) ? maskedValue(text) : text);
    at = end;
  }
  return maskOccurrences(masked + reason.slice(at), values);
}

/** Replaces every occurrence of a personal value of at least four characters; shorter ones would hit ordinary text. */
const maskOccurrences = (text: string, values: readonly string[]): string =>
  values.reduce((masked, value) => (value.length >= 4 ? masked.replaceAll(value, maskedValue(value)) : masked), text);

/** A row as somebody without the right to personal values gets it. */
export function maskRow(row: AlertRow, parts: readonly ReasonPart[], personal: ReadonlySet<string>): AlertRow {
  const isSubjectPersonal = isPersonal(row.subject.field, personal);
  const values = isSubjectPersonal ? row.subject.label.split(' ') : [];
  return { ...row, subject: maskSubject(row.subject, personal), reason: maskReason(row.reason, parts, personal, values) };
}

function maskSubject(subject: AlertRow['subject'], personal: ReadonlySet<string>): AlertRow['subject'] {
  return isPersonal(subject.field, personal) ? { ...subject, label: subject.label.split(' ').map(maskedValue).join(' ') } : subject;
}

export const maskCase = (row: CaseRow, personal: ReadonlySet<string>): CaseRow => ({ ...row, subject: maskSubject(row.subject, personal) });

/**
 * A whole alert without its personal values: fields by name, then every text that holds one of those values (nodes of the
 * explanation, list items, the sentence), and the distances of comparisons that look at one. Ids of alerts and events stay.
 */
export function maskAlert(alert: Alert, personal: ReadonlySet<string>): Alert {
  const values = personalValues(alert, personal);
  const exact = new Set(values);
  const maskText = (text: string): string => (exact.has(text) ? maskedValue(text) : maskOccurrences(text, values));
  const visit = (value: unknown): unknown => {
    if (typeof value === 'string') return maskText(value);
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, name === 'id' || name === 'alertId' ? inner : personal.has(name) ? maskField(inner) : visit(inner)]));
  };
  const { reasonParts, ...whole } = alert;
  const rest = whole.explanation === undefined ? whole : { ...whole, explanation: withoutPersonalDistances(whole.explanation, personal) };
  const masked = visit({ ...rest, reason: maskReason(alert.reason, reasonParts, personal, values) }) as Alert; // as: visit keeps the shape, it changes texts only
  return { ...masked, reasonParts: [] }; // the ranges no longer fit the masked sentence
}

const maskField = (value: unknown): unknown => (typeof value === 'string' ? maskedValue(value) : typeof value === 'number' ? 0 : value);

function personalValues(alert: Alert, personal: ReadonlySet<string>): readonly string[] {
  const shown = [...(alert.explanation?.windows ?? []), ...(alert.explanation?.steps ?? [])];
  const records = [alert.trigger?.fields ?? {}, ...shown.flatMap(({ events }) => events.map(({ fields }) => fields))];
  const keys = [alert.key, ...(alert.explanation?.windows ?? []).map(({ key }) => key)].flat();
  const found = [
    ...records.flatMap((fields) => Object.entries(fields).filter(([name]) => personal.has(name)).map(([, value]) => value)),
    ...keys.filter(({ field }) => personal.has(field)).map(({ value }) => value),
  ];
  return [...new Set(found.map(String))].sort((a, b) => b.length - a.length);
}
