// What start, build and test share: looking at the machine, installing, building. Node's own modules only.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// A default import: a Node too old to have one of these must still get as far as the sentence that says so.
const { accessSync, constants, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } = fs;

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inRoot = (...parts) => join(root, ...parts);

/** A reason to stop that a person can act on: printed as one sentence, exit code 1. */
export class Refusal extends Error {}

export function refuseOldNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) throw new Refusal(`Weir needs Node.js 20.19 or newer, this is ${version}. Install a newer Node.js and run the command again.`);
}

/** The checkout must be writable by whoever runs this, and hold what an install and build need. */
export function refuseUnusableFolder(folder = root, neededBytes = needsInstall() ? 2.5e9 : 2e8) {
  try {
    accessSync(folder, constants.W_OK);
    for (const name of ['node_modules', '.weir']) if (existsSync(join(folder, name))) accessSync(join(folder, name), constants.W_OK);
  } catch {
    const owner = statSync(folder).uid;
    const asRoot = owner === 0 && process.getuid?.() !== 0 ? ' It belongs to root.' : '';
    throw new Refusal(`The folder ${folder} cannot be written to.${asRoot} Give it to yourself (chown) or clone Weir into a folder of your own.`);
  }
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < neededBytes) throw new Refusal(`Not enough space in ${folder}: ${(bavail * bsize / 1e9).toFixed(1)} GB free, ${(neededBytes / 1e9).toFixed(1)} GB needed. Free some and run the command again.`);
}

/** True when node_modules is missing or older than the lock. */
export function needsInstall() {
  const installed = inRoot('node_modules', '.package-lock.json');
  return !existsSync(installed) || !existsSync(inRoot('node_modules', '.bin', 'tsc')) || statSync(installed).mtimeMs < statSync(inRoot('package-lock.json')).mtimeMs;
}

/** Says that something is going on, with the seconds it has taken: in place on a terminal, a line every 10 s elsewhere. */
export function startProgress(label) {
  const startedAt = performance.now();
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(0);
  const isTerminal = process.stderr.isTTY === true;
  if (!isTerminal) process.stderr.write(`${label} ...\n`);
  const timer = setInterval(() => process.stderr.write(isTerminal ? `\r${label} ... ${seconds()} s ` : `${label} ... ${seconds()} s\n`), isTerminal ? 250 : 10_000);
  return (outcome) => {
    clearInterval(timer);
    process.stderr.write(`${isTerminal ? '\r' : ''}${label}: ${outcome} (${seconds()} s)\n`);
  };
}

/** Runs a command in the checkout; resolves with its exit code and output. `live`: output goes to this terminal. */
export function run(command, args, { live = false, env = {}, onSpawn } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NX_DAEMON: 'false', ...env }, stdio: live ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'] });
    onSpawn?.(child);
    let output = '';
    child.stdout?.on('data', (chunk) => { output += chunk; });
    child.stderr?.on('data', (chunk) => { output += chunk; });
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }));
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === null ? 1 : 130), output }));
  });
}

const lastLines = (text, count = 25) => text.trimEnd().split('\n').slice(-count).join('\n');

/**
 * One step with progress; a failure shows the end of what the command printed. `excuse`: by what was printed, why a failure stops
 * nothing, as `{ outcome, text }`; undefined when it does.
 */
export async function step(label, command, args, { advice = '', excuse = () => undefined, ...options } = {}) {
  const done = startProgress(label);
  const { code, output } = await run(command, args, options);
  const excused = code === 0 ? undefined : excuse(output);
  done(code === 0 ? 'done' : excused?.outcome ?? 'failed');
  if (excused !== undefined) console.error(excused.text);
  if (code === 0 || excused !== undefined) return;
  if (/ENOSPC/.test(output)) throw new Refusal(`${label} failed: no space left on the disk. Free some and run the command again.`);
  throw new Refusal(`${label} failed.${advice === '' ? '' : ` ${advice}`}\n${lastLines(output)}`);
}

export async function install() {
  if (!needsInstall()) return;
  // No install script is needed: the PostgreSQL binaries' links are made at start.
  await step('Installing packages', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { advice: 'Is the package registry reachable?' });
}

const node = process.execPath;
const tsc = () => inRoot('node_modules', 'typescript', 'bin', 'tsc');

/** Every project: the server, its tests, the benchmark, the end-to-end tests. */
export const buildServer = () => step('Building the server', node, [tsc(), '-b']);

/**
 * What `npm start` and `npx weir` run, and nothing beside it. Tests lie in the same projects as what they test, and the compiler
 * writes JavaScript for all files whatever it finds in one of them: a type error in a test is told and stops nothing.
 */
export const buildProduct = () => step('Building the server', node, [tsc(), '-b', 'apps/standalone', 'apps/cli'], {
  excuse: (output) => {
    const errors = errorsInTests(output);
    return errors && { outcome: 'done, but for tests', text: `Tests with type errors, which nothing here runs:\n${lastLines(errors.join('\n'), 10)}` };
  },
});

/** Lines of the compiler's errors when all of them lie in tests and what only tests use; undefined when one does not, or when it failed otherwise. */
export function errorsInTests(output) {
  const errors = output.split('\n').filter((line) => /\berror TS\d+:/.test(line));
  const isTest = (line) => /^[^\s(]+(?:\.spec|\.bench)\.tsx?\(\d+,\d+\): |^(?:[^\s(]*\/)?src\/testing\/[^\s(]+\(\d+,\d+\): /.test(line);
  return errors.length > 0 && errors.every(isTest) ? errors : undefined;
}

/** Every file below a folder, sorted, without build results. */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) => {
    if (['node_modules', 'dist', 'out', '.next', '.swc'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const dashboardStamp = () => inRoot('apps', 'dashboard', 'out', '.built-from');

/** Hash of everything the dashboard's build reads. */
function dashboardInputs() {
  const hash = createHash('sha256');
  for (const folder of ['apps/dashboard', 'libs/contracts/src', 'libs/rule-lang/src', 'libs/case-model/src']) {
    for (const file of filesBelow(inRoot(folder))) {
      if (/\.(spec|bench)\.tsx?$|next-env\.d\.ts$|\.tsbuildinfo$/.test(file)) continue;
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.update(readFileSync(inRoot('package-lock.json'))).digest('hex');
}

export function isDashboardBuilt() {
  return existsSync(dashboardStamp()) && readFileSync(dashboardStamp(), 'utf8') === dashboardInputs();
}

/** Builds the static export into apps/dashboard/out, unless what is there was made from the same files. */
export async function buildDashboard(options = {}) {
  if (isDashboardBuilt()) return;
  const inputs = dashboardInputs();
  rmSync(dashboardStamp(), { force: true });
  await step('Building the dashboard', 'npm', ['run', '--silent', 'build', '--workspace', '@weir/dashboard'], options);
  mkdirSync(dirname(dashboardStamp()), { recursive: true });
  writeFileSync(dashboardStamp(), inputs);
}

/** Prints a refusal as the sentence it is; anything else with its stack. Ends the process. */
export function fail(error) {
  console.error(error instanceof Refusal ? `\n${error.message}` : error);
  process.exit(1);
}
