import { createHmac } from 'node:crypto';
import type { Subject } from '@weir/case-model';

/** Turns a subject into an opaque text for URLs: the same subject, the same token, in this database only. */
export type SubjectTokens = (subject: Subject) => string;

export const subjectTokens = (secret: string): SubjectTokens => ({ field, value }) =>
  createHmac('sha256', secret).update(`${field}\u001f${value}`).digest('base64url').slice(0, 22);
