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

const PART = /(\d{0,15})(?:\.(\d{0,15}))?(ms|[wdhms])/y;
const DURATION = /^[+-]?(?:(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:ms|[wdhms]))+$/;
const UNIT_MS = new Map<string, bigint>(UNITS.map(([unit, ms]) => [unit, BigInt(ms)]));

/**
 * Milliseconds of the argument of `duration()`, which is CEL's (Go's `time.ParseDuration`): a sign, parts in any order and
 * number, fractions (`1.5h`, `-0.25s`), and the bare `0`; units w d h m s ms, d = 24 h.
 * @returns undefined when it is none, not a whole number of milliseconds, or longer than {@link LONGEST_SPAN_MS}.
 */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0' || text === '+0' || text === '-0') return 0;
  if (text.length > 100 || !DURATION.test(text)) return undefined;
  const scale = 10n ** 15n; // most decimals of a part
  let scaled = 0n;
  PART.lastIndex = /^[+-]/.test(text) ? 1 : 0;
  for (let part = PART.exec(text); part !== null; part = PART.exec(text)) {
    const [, whole = '', fraction = '', unit = ''] = part;
    scaled += BigInt(`${whole}${fraction.padEnd(15, '0')}`) * (UNIT_MS.get(unit) ?? 0n);
  }
  const ms = scaled / scale;
  if (ms * scale !== scaled || ms > BigInt(LONGEST_SPAN_MS)) return undefined;
  return text.startsWith('-') ? 0 - Number(ms) : Number(ms);
}
