/** How long a taken alert stays with its analyst without activity, ms. */
export const leaseMs = 20 * 60_000;
/** An alert that its analyst gave back does not come to the same one by take-next within this time, ms. */
export const restAfterReleaseMs = 30 * 60_000;

/** Who an alert is assigned to, and until when (epoch ms, exclusive); without `leaseUntil` it does not run out. */
export interface Holding { readonly assignee?: string | undefined; readonly leaseUntil?: number | undefined }

/** Who holds an alert at `now`: a lease that ran out (that instant included) holds nothing; an assignment without lease stays. */
export function holderAt(holding: Holding, now: number): string | undefined {
  if (holding.leaseUntil !== undefined && holding.leaseUntil <= now) return undefined;
  return holding.assignee;
}

/** Claiming is atomic: it succeeds for a free alert and for one already held by the same person (the lease begins again). */
export const mayClaim = (holding: Holding, by: string, now: number): boolean => [undefined, by].includes(holderAt(holding, now));
