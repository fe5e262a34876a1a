const UNITS = [['w', 604_800_000], ['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1000], ['ms', 1]] as const;
const SPAN = /^(?:(\d{1,12})w)?(?:(\d{1,12})d)?(?:(\d{1,12})h)?(?:(\d{1,12})m(?!s))?(?:(\d{1,12})s)?(?:(\d{1,15})ms)?$/;

/** Longest span, ms: some 100 years. Keeps sums of times far inside 2^53. */
export const LONGEST_SPAN_MS = 3_155_760_000_000;

/**
 * Milliseconds of a span such as `10m`, `1h30m`, `29m59s999ms`; units w d h m s ms, each at most once, from large to small; d = 24 h.
 * @returns undefined when the text is no span or longer than {@link LONGEST_SPAN_MS}; `0s` is 0.
 */
export function parseSpanMs(text: string): number | undefined {
  const match = text === '' || text.length > 60 ? null : SPAN.exec(text);
  if (match === null) return undefined;
  let ms = 0;
  UNITS.forEach(([, unitMs], i) => { ms += Number(match[i + 1] ?? 0) * unitMs; });
  return ms <= LONGEST_SPAN_MS ? ms : undefined;
}

/** The shortest text that {@link parseSpanMs} reads as `ms`: 5_400_000 is `1h30m`, 604_800_000 is `7d`. Whole weeks are written in days. */
export function formatSpanMs(ms: number): string {
  if (ms === 0) return '0s';
  let rest = ms;
  let text = '';
  for (const [unit, unitMs] of UNITS.slice(1)) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text;
}

/**
 * Milliseconds of the argument of CEL's `duration()`: as {@link parseSpanMs}, also with a sign.
 * @returns undefined when it is no duration.
 */
export function parseDurationMs(text: string): number | undefined {
  if (!text.startsWith('-')) return parseSpanMs(text);
  const ms = parseSpanMs(text.slice(1));
  return ms === undefined ? undefined : 0 - ms;
}
