import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConnectorError, PostgresError } from '@weir/connectors';
import { readConfig, type StandaloneConfig } from './config.js';
import { prepareDataFolder } from './data-folder.js';
import { startStandalone, type Standalone } from './standalone.js';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const tell = (line: string): void => { process.stdout.write(`${line}\n`); };

let standalone: Standalone | undefined;
let ending: Promise<never> | undefined;

/** Ends everything and the process. The second call waits for the first. */
function end(code: number, reason?: string): Promise<never> {
  ending ??= (async () => {
    if (reason !== undefined) process.stderr.write(`${reason}\n`);
    await (standalone ?? await starting.catch(() => undefined))?.stop();
    process.exit(code);
  })();
  return ending;
}

async function start(): Promise<Standalone> {
  const result = readConfig(process.argv.slice(2), process.env, root);
  if (!result.ok) throw new StartRefused(result.message);
  const { config } = result;
  const folder = await prepareDataFolder(config.dataDir);
  if (!folder.ok) throw new StartRefused(folder.message);
  await refuseBusyPort(config);
  standalone = await startStandalone(config, { tell, onFatal: (message) => { void end(1, message); } });
  tell(`\nWeir is ready: ${standalone.url}`);
  tell(standalone.loginUrl === undefined ? 'Sign in with your password.' : `Log in with this link; it works once: ${standalone.loginUrl}`);
  tell(`Data: ${config.dataDir}. Ctrl-C ends Weir; the next start goes on with the same data.`);
  if (config.open) openBrowser(standalone.loginUrl ?? standalone.url);
  return standalone;
}

/** A reason not to start, in one sentence for people. */
class StartRefused extends Error {}

function refuseBusyPort({ port, host }: StandaloneConfig): Promise<void> {
  return new Promise((done, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(new StartRefused(portRefusal(error, port, host))));
    probe.listen(port, host, () => { probe.close(() => done()); });
  });
}

function portRefusal(error: Error, port: number, host: string): string {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `Port ${port} is in use by another program. Stop it, or choose another: npm start -- --port ${port + 1}`;
  if (code === 'EACCES') return `Port ${port} needs more rights than you have. Choose one above 1023: npm start -- --port 8080`;
  return `Weir cannot listen on ${host}:${port}: ${error.message}`;
}

/** One sentence for what is known to go wrong; the stack for what is not. */
function refusalText(cause: unknown): string {
  if (cause instanceof StartRefused) return cause.message;
  if (cause instanceof PostgresError || cause instanceof ConnectorError) return `${cause.message}${cause.message.endsWith('.') ? '' : '.'}`;
  if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')) return 'There is no space left on the disk of the data folder. Free some, or choose another folder: npm start -- --data FOLDER';
  return `Weir could not start: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`;
}

function openBrowser(url: string): void {
  const [command, ...args] = process.platform === 'darwin' ? ['open', url] : process.platform === 'win32' ? ['cmd', '/c', 'start', '', url] : ['xdg-open', url];
  const child = spawn(command ?? 'xdg-open', args, { stdio: 'ignore', detached: true });
  child.once('error', () => tell('No browser could be opened; use the link.'));
  child.unref();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!ending) tell('\nEnding: the last events and a checkpoint are written ...');
    void end(0).catch(() => undefined);
  });
}
process.on('uncaughtException', (error) => { void end(1, `Weir stops after an unexpected failure: ${error.stack ?? error.message}`); });
process.on('unhandledRejection', (cause) => { void end(1, `Weir stops after an unexpected failure: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`); });

const starting = start();
await starting.catch((cause: unknown) => end(1, refusalText(cause)));
