import { formatSpanMs, parseSpanMs } from '../schema/time-span.js';
import { isZone } from '../schema/zone-name.js';
import { didYouMean } from '../source/did-you-mean.js';
import type { Syntax, SyntaxOf } from '../syntax/syntax-tree.js';
import { type Checking, hasArguments, refuse, textArgument } from './checking.js';
import type { WindowSpan } from './typed-rule.js';

type Call = SyntaxOf<'call'>;

const HOUR = 3_600_000;
/** Longest that the current day, week, month or year can have lasted; clocks may have been put back by an hour. */
const LONGEST_SINCE = { day: 25 * HOUR, week: 7 * 24 * HOUR + HOUR, month: 31 * 24 * HOUR + HOUR, year: 366 * 24 * HOUR + HOUR } as const;
/** Most events of one key that a rule may ask to be kept. */
const MOST_LAST_EVENTS = 10_000;

/** The span of a window: `last("10m")`, `before`, `between`, `since`, `lastEvents`. */
export function checkSpan(at: Checking, call: Call): WindowSpan | undefined {
  switch (call.name) {
    case 'last': case 'before': {
      const kind = call.name;
      const arg = spanArgument(at, call, 0, 1, `${kind}("10m")`);
      return arg === undefined ? undefined : tellTooLong(at, arg.tree, arg.text, (ms) => ({ kind, ms }));
    }
    case 'between': return checkBetween(at, call);
    case 'since': return checkSince(at, call);
    default: return checkLastEvents(at, call);
  }
}

function spanArgument(at: Checking, call: Call, index: number, count: number, usage: string): { readonly tree: Syntax; readonly text: string } | undefined {
  if (!hasArguments(at, call, count, usage)) return undefined;
  const tree = call.args[index];
  const text = textArgument(at, tree, call, usage);
  return text === undefined || tree === undefined ? undefined : { tree, text };
}

/** Reads a span and refuses what is none, zero or longer than the retention. */
export function tellTooLong(at: Checking, tree: Syntax, text: string, make: (ms: number) => WindowSpan): WindowSpan | undefined {
  const ms = parseSpanMs(text);
  if (ms === undefined) return refuse(at, 'bad-span', tree, `\`${text}\` is no span`, { hint: 'numbers with the units w d h m s ms, from large to small: "10m", "1h30m"' });
  if (ms === 0) return refuse(at, 'bad-span', tree, 'a span is longer than nothing');
  return isKept(at, tree, ms, `the window of ${text}`) ? make(ms) : undefined;
}

function isKept(at: Checking, tree: Syntax, ms: number, what: string): boolean {
  const { retentionMs } = at.context;
  if (ms <= retentionMs) return true;
  return refuse(at, 'window-too-long', tree, `${what} is longer than the ${formatSpanMs(retentionMs)} that the log keeps`, { hint: 'shorten it, or lengthen the retention of the pipeline' }) ?? false;
}

function checkBetween(at: Checking, call: Call): WindowSpan | undefined {
  const usage = 'between("14d", "7d")';
  const from = spanArgument(at, call, 0, 2, usage);
  const to = spanArgument(at, call, 1, 2, usage);
  if (from === undefined || to === undefined) return undefined;
  const toMs = parseSpanMs(to.text);
  const older = tellTooLong(at, from.tree, from.text, (ms) => ({ kind: 'between', fromMs: ms, toMs: toMs ?? 0 }));
  if (toMs === undefined) return refuse(at, 'bad-span', to.tree, `\`${to.text}\` is no span`, { hint: 'numbers with the units w d h m s ms, from large to small: "10m", "1h30m"' });
  if (older?.kind !== 'between') return undefined;
  if (older.fromMs <= toMs) return refuse(at, 'bad-span', call, `from ${from.text} ago to ${to.text} ago holds nothing`, { hint: `the older end comes first: ${usage}` });
  return older;
}

function checkSince(at: Checking, call: Call): WindowSpan | undefined {
  const usage = 'since("day", "Europe/London")';
  const [unitArg, zoneArg] = call.args;
  if (call.args.length !== 2 && !hasArguments(at, call, 1, usage)) return undefined;
  const unit = textArgument(at, unitArg, call, usage);
  const zone = zoneArg === undefined ? 'UTC' : textArgument(at, zoneArg, call, usage);
  if (unit === undefined || zone === undefined || unitArg === undefined) return undefined;
  if (unit !== 'day' && unit !== 'week' && unit !== 'month' && unit !== 'year') {
    const near = didYouMean(unit, ['day', 'week', 'month', 'year']);
    return refuse(at, 'bad-span', unitArg, `\`since\` takes "day", "week", "month" or "year", not "${unit}"`, near.fix === undefined ? {} : { ...near, fix: `"${near.fix}"` });
  }
  if (zoneArg !== undefined && !isZone(zone)) return refuse(at, 'bad-zone', zoneArg, `\`${zone}\` is no time zone`, { hint: 'a name such as "Europe/London", "UTC", or an offset such as "+02:00"' });
  return isKept(at, unitArg, LONGEST_SINCE[unit], `a ${unit}`) ? { kind: 'since', unit, zone } : undefined;
}

function checkLastEvents(at: Checking, call: Call): WindowSpan | undefined {
  const [arg] = call.args;
  if (!hasArguments(at, call, 1, 'lastEvents(5)') || arg === undefined) return undefined;
  if (arg.kind !== 'number' || !arg.isInt || arg.unscaled < 1n || arg.unscaled > BigInt(MOST_LAST_EVENTS)) {
    return refuse(at, 'wrong-arguments', arg, `\`lastEvents\` takes a whole number from 1 to ${MOST_LAST_EVENTS}`);
  }
  return { kind: 'lastEvents', count: Number(arg.unscaled) };
}

/** How far back a span can look, ms. */
export function spanLengthMs(span: WindowSpan, retentionMs: number): number {
  switch (span.kind) {
    case 'last': case 'before': return span.ms;
    case 'between': return span.fromMs;
    case 'since': return LONGEST_SINCE[span.unit];
    case 'lastEvents': return retentionMs;
    case 'rule': return 0;
  }
}
