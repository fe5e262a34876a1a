import type { DeskResult, Refusal } from '../alerts/refusal.js';
import { ProblemError } from './problem-error.js';

const statuses: Readonly<Record<Refusal['reason'], readonly [status: number, title: string]>> = {
  'not-found': [404, 'Not found'],
  stale: [412, 'Changed since you saw it'],
  'already-decided': [409, 'Already decided'],
  held: [409, 'Held by somebody else'],
  changed: [409, 'Changed since'],
  'too-late': [409, 'Too late to undo'],
  'not-yours': [403, 'Not yours to undo'],
  'not-decided': [409, 'Not decided'],
  'not-allowed': [422, 'This step is not allowed'],
  'open-alerts': [409, 'Alerts are still open'],
  'other-open-case': [409, 'The subject has another open case'],
  'unknown-user': [422, 'Unknown user'],
};

/** The value, or the refusal as a problem. */
export function unwrap<T>(result: DeskResult<T>): T {
  if (result.ok) return result.value;
  const [status, title] = statuses[result.reason];
  throw new ProblemError(status, result.reason, title, {
    detail: result.message, ...(result.by === undefined ? {} : { by: result.by }), ...(result.at === undefined ? {} : { at: result.at }), ...(result.version === undefined ? {} : { version: result.version }),
    ...(result.reason === 'unknown-user' ? { field: 'assignee' } : {}),
  });
}
