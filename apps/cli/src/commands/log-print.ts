import { openEventLog } from '@weir/connectors';
import { CommandError, exitCode, type Terminal } from '../terminal/terminal.js';

/**
 * `weir log print DIR`: the entries of a stopped Weir's event log as NDJSON, in seq order.
 *
 * It opens the log as its writer would, so it is refused while a server runs on it, and it cuts a torn tail as a start would.
 */
export async function printLog(dir: string, options: { readonly from?: string | undefined }, terminal: Terminal): Promise<number> {
  const from = Number(options.from ?? 1);
  if (!Number.isInteger(from) || from < 1) throw new CommandError(`--from ${options.from ?? ''} is not a place in the log (1, 2, 3, ...).`);
  let log;
  try {
    log = await openEventLog(dir);
  } catch (cause) {
    throw new CommandError(`The event log in ${dir} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  try {
    for await (const entries of log.read(from)) {
      terminal.out(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      await terminal.drained();
    }
  } finally {
    await log.close();
  }
  return exitCode.ok;
}
