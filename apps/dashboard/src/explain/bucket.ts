import type { Alert, ExplainedWindow, Explanation } from '@weir/contracts';

/** The span of a window rule as it is written, [start, end): the first instant in it and the first one after it. */
export interface Bucket { readonly startTs: number; readonly endTs: number }

/** Only rules over whole windows fire without a triggering event. */
export function isOfWholeWindow(alert: Pick<Alert, 'trigger'>): boolean { return alert.trigger === undefined; }

/** A window that is kept as (after, until] in whole milliseconds, as [start, end). */
export function bucketOf(shown: Pick<ExplainedWindow, 'afterTs' | 'untilTs'>): Bucket {
  return { startTs: shown.afterTs + 1, endTs: shown.untilTs + 1 };
}

/** Windows that hold and count exactly the same events, in the order of the first of each: they can share one picture. */
export function samePictures(indexes: readonly number[], explanation: Explanation): ReadonlyArray<readonly number[]> {
  const pictures = new Map<string, number[]>();
  for (const index of indexes) {
    const shown = explanation.windows[index];
    if (!shown) continue;
    const picture = `${shown.size} ${shown.events.map((e) => `${e.seq}${e.counted ? '+' : ''}`).join(' ')}`;
    pictures.set(picture, [...(pictures.get(picture) ?? []), index]);
  }
  return [...pictures.values()];
}
