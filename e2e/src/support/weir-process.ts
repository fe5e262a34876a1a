import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './repository.js';

/** A Weir that a test has started. */
export interface WeirProcess {
  readonly url: string;
  /** Token of the one-time link; undefined when somebody has a password. */
  readonly loginUrl: string | undefined;
  readonly pid: number;
  /** Everything printed so far. */
  output(): string;
  /** Sends a signal and resolves with the exit code, null when a signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Resolves when it has ended, however. */
  readonly ended: Promise<number | null>;
}

/** How a test starts it. */
interface StartOptions {
  readonly dataDir: string;
  readonly port?: number | undefined;
  readonly demo?: boolean | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Default 60 s: recovery of a killed PostgreSQL included. */
  readonly timeoutMs?: number | undefined;
}

const running = new Set<ChildProcess>();

const folders: string[] = [];

/** A folder for one Weir; {@link cleanUp} removes it. */
export async function newDataFolder(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'weir-e2e-'));
  // As root, PostgreSQL runs under another account, which has to pass.
  await chmod(parent, 0o711);
  folders.push(parent);
  return join(parent, 'data');
}

/** Ends what a failed test has left running and removes the folders. For `afterAll`. */
export async function cleanUp(): Promise<void> {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) {
    for (const { pid } of await processesOf(folder)) endByForce(pid);
    await rm(folder, { recursive: true, force: true });
  }
}

function endByForce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

/** Starts the product as `npm start` does after the build. Rejects with what it printed when it ends before it is ready. */
export function startWeir(options: StartOptions): Promise<WeirProcess> {
  const child = spawnWeir(options);
  let output = '';
  const ended = new Promise<number | null>((resolve) => { child.once('close', (code) => { running.delete(child); resolve(code); }); });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`Weir was not ready in time; it printed:\n${output}`));
    }, options.timeoutMs ?? 60_000);
    const take = (text: string): void => {
      output += text;
      const url = /Weir is ready: (http:\S+)\n/.exec(output)?.[1];
      if (url === undefined || !/Ctrl-C ends Weir/.test(output)) return;
      clearTimeout(timer);
      resolve({
        url, loginUrl: /works once: (http:\S+)/.exec(output)?.[1], pid: child.pid ?? 0, output: () => output, ended,
        end: (signal) => { child.kill(signal); return ended; },
      });
    };
    child.stdout?.setEncoding('utf8').on('data', take);
    child.stderr?.setEncoding('utf8').on('data', take);
    void ended.then((code) => {
      clearTimeout(timer);
      reject(new Error(`Weir ended with code ${String(code)} before it was ready; it printed:\n${output}`));
    });
  });
}

/** Starts Weir where it is expected to refuse; resolves with its exit code and what it printed. */
export async function startRefused(options: StartOptions): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawnWeir(options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => { output += text; });
  const code = await new Promise<number | null>((resolve) => { child.once('close', resolve); });
  running.delete(child);
  return { code, output };
}

function spawnWeir({ dataDir, port = 0, demo = false, environment = {} }: StartOptions): ChildProcess {
  const args = [join(repository, 'apps/standalone/dist/main.js'), '--port', String(port), '--data', dataDir, ...(demo ? [] : ['--no-demo'])];
  const child = spawn(process.execPath, args, { cwd: repository, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  return child;
}

/** Processes of this machine whose command line names the folder: Weir itself and its PostgreSQL. */
export async function processesOf(folder: string): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  const found: { pid: number; command: string }[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(folder)) found.push({ pid, command: command.replaceAll('\0', ' ').trim() });
  }
  return found;
}
