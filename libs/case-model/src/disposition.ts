import type { Alert, Disposition, FieldValue } from '@weir/contracts';

/** Default time in which a disposition can be taken back, ms; then it becomes a label. */
export const defaultUndoMs = 10 * 60_000;

/** What a label says: true is fraud, false is not; the others say nothing about the event. */
function labelOf(disposition: Disposition): boolean | undefined {
  switch (disposition) {
    case 'confirmed_fraud': return true;
    case 'false_positive': return false;
    case 'suspicious':
    case 'duplicate':
    case 'no_action': return undefined;
  }
}

/** Content of a label event before intake dates it: event type `label`. */
export interface LabelContent { readonly id: string; readonly fields: Readonly<Record<string, FieldValue>> }

/**
 * The label event of a disposition; undefined when it says nothing about fraud or no single event triggered the alert.
 *
 * @param n counts the labels of this alert from 1: the id is the same at every attempt, so a repeat is a duplicate in the log.
 */
export function labelContent(alert: Pick<Alert, 'alertId' | 'trigger'>, disposition: Disposition, n: number): LabelContent | undefined {
  const fraud = labelOf(disposition);
  if (fraud === undefined || alert.trigger === undefined) return undefined;
  const { account_id: account, merchant_id: merchant } = alert.trigger.fields;
  return {
    id: `label-${alert.alertId}-${n}`,
    fields: {
      event_id: alert.trigger.id,
      ...(account === undefined ? {} : { account_id: account }),
      ...(merchant === undefined ? {} : { merchant_id: merchant }),
      fraud,
    },
  };
}

/** A decided alert as the undo looks at it. `decidedAt` in epoch ms; `isLabelled`: its decision has gone out as a label event. */
export interface DecidedAlert { readonly version: number; readonly decidedAt: number; readonly decidedBy: string; readonly versionAtDecision: number; readonly isLabelled: boolean }
/** Undone, or why not; `message` is for the analyst. */
export type UndoResult = { readonly ok: true } | { readonly ok: false; readonly reason: 'too-late' | 'changed' | 'not-yours'; readonly message: string };

/**
 * A disposition can be taken back by the one who made it, until its undo time is over (that instant excluded) and only while
 * nobody changed the alert since.
 */
export function undoDisposition(decided: DecidedAlert, by: string, now: number, undoMs: number): UndoResult {
  if (decided.decidedBy !== by) return { ok: false, reason: 'not-yours', message: `${decided.decidedBy} decided this alert; only ${decided.decidedBy} can undo it.` };
  if (decided.version !== decided.versionAtDecision) return { ok: false, reason: 'changed', message: 'The alert was changed since; it can not be undone.' };
  if (decided.isLabelled || now >= decided.decidedAt + undoMs) return { ok: false, reason: 'too-late', message: 'The time to undo is over; the decision went out as a label.' };
  return { ok: true };
}
