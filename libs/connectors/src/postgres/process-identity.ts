import { readFileSync } from 'node:fs';
import { isErrno } from './postgres-error.js';

/** True while a process of this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
}

/**
 * What tells a process from a later one with the same id: its start time in clock ticks since boot, with the boot id.
 *
 * @returns undefined where the system does not tell (no /proc): then the id alone must do.
 */
export function processIdentity(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = afterName[19]; // field 22 of proc(5), counted after the name
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return startTicks === undefined ? undefined : `${boot}:${startTicks}`;
  } catch {
    return undefined; // not Linux, or the process is gone: the caller asks isAlive as well
  }
}

/** The command line of a process, or undefined where it can not be read. */
export function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return undefined; // not Linux, or the process is gone
  }
}
