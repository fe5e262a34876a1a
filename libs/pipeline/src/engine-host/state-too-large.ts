import type { EngineStats } from '@weir/rule-engine';

const gib = 1024 ** 3;
const beginning = 'The state of the engine has outgrown its memory';

/** A failure of the engine for want of room in its memory of 4 GiB (or in what the machine gives it), told with figures and what to do; any other failure as it is. */
export function explainedFailure(cause: unknown, stats: EngineStats | undefined): unknown {
  if (!isWantOfRoom(cause) || stats === undefined) return cause;
  const figures = [
    `${((stats.memoryBytes ?? stats.stateBytes) / gib).toFixed(2)} GiB of ${((stats.memoryLimitBytes ?? 4 * gib) / gib).toFixed(0)} are taken`,
    `${stats.keys.toLocaleString('en-GB')} keys, ${stats.windowEvents.toLocaleString('en-GB')} events held for windows, ${(stats.openMatches ?? 0).toLocaleString('en-GB')} unfinished matches of sequences`,
  ].join('; ');
  const message = `${beginning} at entry ${stats.seq.toLocaleString('en-GB')}: ${figures}. ${stateTooLargeAdvice} (${cause instanceof Error ? cause.message : String(cause)})`;
  return new Error(message, { cause });
}

/** Is this what {@link explainedFailure} said of an engine that had no room? Errors lose all but their message between threads. */
export function isStateTooLarge(message: string): boolean { return message.startsWith(beginning); }

/** What an operator can do about it, in sentences. */
export const stateTooLargeAdvice = 'Take back the newest rule change, shorten the longest windows or the `within` of sequences, or give rules a key that is less fine; then restart Weir. Events are kept in the log, and nothing is lost.';

/** `LinearMemory` past 4 GiB, or an allocation that the machine refuses. */
function isWantOfRoom(cause: unknown): boolean {
  if (typeof cause !== 'object' || cause === null || !('name' in cause) || cause.name !== 'RangeError' || !('message' in cause)) return false;
  return /4 GiB|Unable to grow instance memory|Array buffer allocation failed|Invalid typed array length/.test(String(cause.message));
}
