import type { AlertRow } from '@weir/contracts';
import type { Arrival } from '../feed/feed-state';
import { belongs } from './queue-filter';
import type { QueueFilter } from './queue-filter';

export interface Waiting { readonly count: number; readonly critical: number }

/** What waits behind the pill: arrivals after the snapshot that belong to the view and are not already on the screen. */
export function waitingArrivals(arrivals: readonly Arrival[], after: number, filter: QueueFilter, me: string, shown: (id: string) => boolean): Waiting {
  let count = 0;
  let critical = 0;
  for (let i = arrivals.length - 1; i >= 0; i -= 1) {
    const arrival = arrivals[i];
    if (!arrival || arrival.n <= after) break;
    if (!belongs(arrival.row, filter, me) || shown(arrival.row.id)) continue;
    count += 1;
    if (arrival.row.severity === 'critical') critical += 1;
  }
  return { count, critical };
}

/**
 * Scroll offset after a merge, so that the row that was first on the screen stays at its place.
 *
 * @param newIndex where that row is in the new snapshot; `undefined` when it left the view: the offset stays.
 */
export function anchoredOffset(scrollTop: number, oldIndex: number, newIndex: number | undefined, rowHeight: number): number {
  return newIndex === undefined ? scrollTop : Math.max(0, scrollTop + (newIndex - oldIndex) * rowHeight);
}

/** Why a row that no longer belongs to the view is greyed; `undefined` while it belongs. */
export function whyGone(row: AlertRow, filter: QueueFilter, me: string): 'decided' | 'taken' | 'reopened' | 'changed' | undefined {
  if (belongs(row, filter, me)) return undefined;
  if (row.status === 'closed') return 'decided';
  if (filter.status === 'closed') return 'reopened';
  return filter.assignee === undefined ? 'changed' : 'taken';
}
