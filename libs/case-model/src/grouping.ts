import type { CaseStatus, Priority, Severity } from '@weir/contracts';
import { graver } from './severity.js';

/** A case closed for longer than this is not opened again: a new one begins, ms. */
export const reopenWithinMs = 7 * 86_400_000;

/** The subject's case that is not closed, else its newest closed one. */
export interface CaseOfSubject { readonly status: CaseStatus; readonly priority: Priority; readonly closedAt?: number | undefined }

/**
 * What a new alert does to the cases of its subject. It never disappears:
 * `join`: it enters the open case, `raisesTo` when it is graver; `reopen`: the case closed within the last seven days opens
 * again; `open`: a case begins.
 */
export type Grouping =
  | { readonly kind: 'join'; readonly raisesTo?: Priority | undefined }
  | { readonly kind: 'reopen'; readonly priority: Priority }
  | { readonly kind: 'open'; readonly priority: Priority };

/**
 * Where an alert of that severity goes, at `now` (epoch ms). @param existing the case of its subject; undefined when there
 * has been none. A case closed exactly {@link reopenWithinMs} ago still opens again.
 */
export function groupAlert(severity: Severity, existing: CaseOfSubject | undefined, now: number): Grouping {
  if (existing === undefined) return { kind: 'open', priority: severity };
  if (existing.status !== 'closed') {
    const priority = graver(existing.priority, severity);
    return priority === existing.priority ? { kind: 'join' } : { kind: 'join', raisesTo: priority };
  }
  if (now - (existing.closedAt ?? 0) > reopenWithinMs) return { kind: 'open', priority: severity };
  return { kind: 'reopen', priority: graver(existing.priority, severity) };
}
