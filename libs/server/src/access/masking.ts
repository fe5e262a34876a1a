import type { Alert, AlertRow, CaseRow } from '@weir/contracts';
import { maskedValue } from '@weir/case-model';
import { hiddenText, hideInReason, type Hiding } from '@weir/rule-engine';

type Subject = AlertRow['subject'];

/** `account_id+ip` is personal when one of its fields is. */
const isPersonal = ({ field }: Subject, personal: Hiding): boolean => field.split('+').some((name) => personal.hides(name));

/** One of a subject's values as the most guarded of its fields is shown: which value is whose cannot be told where one holds a space. */
const shownOf = ({ field }: Subject, value: string, personal: Hiding): string =>
  (field.split('+').some((name) => personal.shown?.(name, value) === hiddenText) ? hiddenText : maskedValue(value));

/** Replaces every occurrence of a subject's values of at least four characters; shorter ones would hit ordinary text. */
const maskOccurrences = (text: string, subject: Subject, personal: Hiding): string =>
  subject.label.split(' ').reduce((masked, value) => (value.length >= 4 ? masked.replaceAll(value, () => shownOf(subject, value, personal)) : masked), text);

/** A row as somebody without the right to personal values gets it. */
export function maskRow(row: AlertRow, parts: Alert['reasonParts'], personal: Hiding): AlertRow {
  const { subject } = row;
  const { text } = hideInReason({ text: row.reason, parts }, personal);
  // Sentences of before `let`s said what they are made from may hold the subject where no part names it.
  return { ...row, subject: maskSubject(subject, personal), reason: isPersonal(subject, personal) ? maskOccurrences(text, subject, personal) : text };
}

function maskSubject(subject: Subject, personal: Hiding): Subject {
  return isPersonal(subject, personal) ? { ...subject, label: subject.label.split(' ').map((value) => shownOf(subject, value, personal)).join(' ') } : subject;
}

export const maskCase = (row: CaseRow, personal: Hiding): CaseRow => ({ ...row, subject: maskSubject(row.subject, personal) });
