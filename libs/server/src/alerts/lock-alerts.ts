import type { Alert, Disposition } from '@weir/contracts';
import { holderAt } from '@weir/case-model';
import type { EntityManager } from 'typeorm';
import type { Refusal } from './refusal.js';

/** An alert as far as changing it needs, its row locked until the commit. */
export interface LockedAlert {
  readonly id: string; readonly version: number; readonly status: 'open' | 'closed'; readonly disposition: Disposition | null;
  readonly decided_by: string | null; readonly decided_at: number | null; readonly decision_id: number | null;
  readonly assignee: string | null; readonly lease_until: number | null; readonly changed_by: string | null; readonly changed_at: number | null;
  readonly case_id: string | null; readonly ts: number; readonly trigger: NonNullable<Alert['trigger']> | null;
}

/** Locks live alerts in order of id, so that two bulk changes never wait for each other in a circle. */
export const lockAlerts = (manager: EntityManager, ids: readonly string[]): Promise<readonly LockedAlert[]> => manager.query<LockedAlert[]>(
  `select id, version, status, disposition, decided_by, decided_at, decision_id, assignee, lease_until, changed_by, changed_at, case_id, ts, alert->'trigger' as trigger
   from alerts where id = any($1) and mode = 'live' order by id for update`, [[...ids]]);

export const holderOf = (alert: LockedAlert, now: number): string | undefined => holderAt({ assignee: alert.assignee ?? undefined, leaseUntil: alert.lease_until ?? undefined }, now);

/** Who changed the alert last, when, and its version: for conflicts. */
export const lastChange = (alert: LockedAlert): Pick<Refusal, 'by' | 'at' | 'version'> => ({ by: alert.changed_by ?? undefined, at: alert.changed_at ?? undefined, version: alert.version });
