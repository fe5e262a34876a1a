import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a running server left in its data folder: `postmaster.pid`, lines 1 and 4. */
interface PostmasterFile { readonly pid: number; readonly port: number }

/** Reads postmaster.pid of a cluster; undefined when there is none or it is not whole. */
export function readPostmasterFile(cluster: string): PostmasterFile | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined; // no server has run, or it was stopped cleanly
  }
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  return Number.isInteger(pid) && pid > 0 && Number.isInteger(port) && port > 0 ? { pid, port } : undefined;
}
