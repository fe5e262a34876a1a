import type { Alert, AlertRow, CaseRow } from '@weir/contracts';
import { maskedValue } from '@weir/case-model';
import { hideInAlert, hideInReason } from '@weir/rule-engine';
import { hidingOf } from './personal-fields.js';

/** `account_id+ip` is personal when one of its fields is. */
const isPersonal = (field: string, personal: ReadonlySet<string>): boolean => field.split('+').some((name) => personal.has(name));

/** Replaces every occurrence of a personal value of at least four characters; shorter ones would hit ordinary text. */
const maskOccurrences = (text: string, values: readonly string[]): string =>
  values.reduce((masked, value) => (value.length >= 4 ? masked.replaceAll(value, maskedValue(value)) : masked), text);

/** A row as somebody without the right to personal values gets it. */
export function maskRow(row: AlertRow, parts: Alert['reasonParts'], personal: ReadonlySet<string>): AlertRow {
  const isSubjectPersonal = isPersonal(row.subject.field, personal);
  const values = isSubjectPersonal ? row.subject.label.split(' ') : [];
  const { text } = hideInReason({ text: row.reason, parts }, hidingOf(personal));
  return { ...row, subject: maskSubject(row.subject, personal), reason: maskOccurrences(text, values) };
}

function maskSubject(subject: AlertRow['subject'], personal: ReadonlySet<string>): AlertRow['subject'] {
  return isPersonal(subject.field, personal) ? { ...subject, label: subject.label.split(' ').map(maskedValue).join(' ') } : subject;
}

export const maskCase = (row: CaseRow, personal: ReadonlySet<string>): CaseRow => ({ ...row, subject: maskSubject(row.subject, personal) });

/** A whole alert without its personal values, and without what is made from them. */
export function maskAlert(alert: Alert, personal: ReadonlySet<string>): Alert { return hideInAlert(alert, hidingOf(personal)); }
