import { plainText } from '../store/jsonb-text.js';

/** A value as it goes on a list: without white space around it; `fault` says why it can not go there. */
export interface JudgedValue { readonly value: string; readonly fault?: string | undefined }

/** Longest value, in UTF-16 units. */
export const maxValueUnits = 200;

const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/u;
const loneSurrogate = /\p{Surrogate}/u;

/** Cuts white space off a pasted value and says what is wrong with it. A value that is too long is shown by its beginning. */
export function judgeValue(pasted: string): JudgedValue {
  const value = pasted.trim();
  if (value === '') return { value, fault: 'empty' };
  if (value.length > maxValueUnits) return { value: `${plainText(value.slice(0, 40))}…`, fault: `too long: ${value.length} characters, the limit is ${maxValueUnits}` };
  if (controlCharacter.test(value)) return { value, fault: 'holds a control character' };
  if (loneSurrogate.test(value)) return { value: plainText(value), fault: 'is not well-formed Unicode text' };
  return { value };
}
