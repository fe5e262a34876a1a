import type { Alert, AlertRow, CaseRow } from '@weir/contracts';
import { maskedValue } from '@weir/case-model';
import { hideInReason, type Hiding } from '@weir/rule-engine';

/** `account_id+ip` is personal when one of its fields is. */
const isPersonal = (field: string, personal: Hiding): boolean => field.split('+').some((name) => personal.hides(name));

/** Replaces every occurrence of a personal value of at least four characters; shorter ones would hit ordinary text. */
const maskOccurrences = (text: string, values: readonly string[]): string =>
  values.reduce((masked, value) => (value.length >= 4 ? masked.replaceAll(value, maskedValue(value)) : masked), text);

/** A row as somebody without the right to personal values gets it. */
export function maskRow(row: AlertRow, parts: Alert['reasonParts'], personal: Hiding): AlertRow {
  // Sentences of before `let`s said what they are made from may hold the subject where no part names it.
  const values = isPersonal(row.subject.field, personal) ? row.subject.label.split(' ') : [];
  const { text } = hideInReason({ text: row.reason, parts }, personal);
  return { ...row, subject: maskSubject(row.subject, personal), reason: maskOccurrences(text, values) };
}

function maskSubject(subject: AlertRow['subject'], personal: Hiding): AlertRow['subject'] {
  return isPersonal(subject.field, personal) ? { ...subject, label: subject.label.split(' ').map(maskedValue).join(' ') } : subject;
}

export const maskCase = (row: CaseRow, personal: Hiding): CaseRow => ({ ...row, subject: maskSubject(row.subject, personal) });
