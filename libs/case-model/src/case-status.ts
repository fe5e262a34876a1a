import type { CaseStatus } from '@weir/contracts';

const successors: Readonly<Record<CaseStatus, readonly CaseStatus[]>> = {
  open: ['in_progress', 'escalated', 'closed'],
  in_progress: ['open', 'escalated', 'closed'],
  escalated: ['in_progress', 'closed'],
  closed: ['in_progress'],
};

/** Why a case does not move: no such step, or alerts of it still open. `message` is for the analyst. */
export type MoveRefusal = { readonly ok: false; readonly reason: 'not-allowed' | 'open-alerts'; readonly message: string };
/** The state after the move, or the refusal. */
export type MoveResult = { readonly ok: true; readonly next: CaseStatus } | MoveRefusal;

/**
 * Moves a case between states. Staying is allowed and changes nothing. A case with open alerts can not be closed:
 * each needs its own disposition first.
 */
export function moveCase(from: CaseStatus, to: CaseStatus, openAlerts: number): MoveResult {
  if (from === to) return { ok: true, next: to };
  if (!successors[from].includes(to)) return { ok: false, reason: 'not-allowed', message: `A case that is ${word(from)} can not become ${word(to)}.` };
  if (to === 'closed' && openAlerts > 0) {
    return { ok: false, reason: 'open-alerts', message: `${openAlerts} ${openAlerts === 1 ? 'alert of this case is' : 'alerts of this case are'} still open. Decide ${openAlerts === 1 ? 'it' : 'them'} first.` };
  }
  return { ok: true, next: to };
}

const word = (status: CaseStatus): string => status.replace('_', ' ');

/** A case with every alert decided and no note of a person closes by itself: one decision is enough. */
export const closesByItself = (status: CaseStatus, openAlerts: number, notes: number): boolean => status !== 'closed' && openAlerts === 0 && notes === 0;

/** Taking the first step on an open case puts it in progress. */
export const statusAfterWork = (status: CaseStatus): CaseStatus => (status === 'open' ? 'in_progress' : status);
