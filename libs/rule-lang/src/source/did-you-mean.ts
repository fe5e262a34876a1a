/**
 * Distance of Damerau and Levenshtein (optimal string alignment: a swap of neighbours counts one, no part is edited twice),
 * without regard to letter case in ASCII. O(a.length * b.length); callers pass names, not texts.
 */
export function editDistance(a: string, b: string): number {
  const left = a.toLowerCase();
  const right = b.toLowerCase();
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, j) => j);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const cost = left[i - 1] === right[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[right.length] ?? 0;
}

/** The candidate nearest to what was written, if near enough (edits up to a third of its length; none for one letter); ties go to the first in order. */
export function nearest(written: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.floor((written.length + 1) / 3);
  if (limit === 0 || written.length > 64) return undefined;
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of candidates) {
    if (name === written || Math.abs(name.length - written.length) > limit) continue;
    const distance = editDistance(written, name);
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

/** Hint and fix for a misspelt name; empty when nothing is near. */
export function didYouMean(written: string, candidates: Iterable<string>): { hint?: string; fix?: string } {
  const name = nearest(written, candidates);
  return name === undefined ? {} : { hint: `did you mean \`${name}\`?`, fix: name };
}
