import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EngineTask } from './engine-task.js';
import type { Program } from './rival-host.js';
import { watchedMerchants } from './workload/rule-pack.js';

/** A program, or why it is not run. */
export type Availability = { readonly program: Program } | { readonly absent: string };

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const node = (file: string, heapMb: number, args: readonly string[], flags: readonly string[] = []): Program => ({ command: process.execPath, args: [`--max-old-space-size=${heapMb}`, ...flags, here(file), ...args] });

/** With the generations of the product's engine thread. */
export function engineProgram(task: EngineTask): Program { return node('./engine-main.js', 4_096, [JSON.stringify(task)], ['--max-semi-space-size=1', '--initial-old-space-size=128', '--expose-gc']); }
export function oracleProgram(task: EngineTask): Program { return node('./oracle-main.js', 10_240, [JSON.stringify(task)]); }
export const naiveProgram = (): Program => node('../rivals/naive-main.js', 8_192, watchedMerchants());

const runs = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Velocity counters in a redis-server of its own, where one is installed. */
export function redisProgram(): Availability {
  if (!runs('redis-server', '--version')) return { absent: 'redis-server is not installed' };
  return { program: node('../rivals/redis-main.js', 4_096, watchedMerchants()) };
}

/**
 * A rival of `rivals/<name>/`, a Maven project with the main class `Rival`; on request its packages are fetched and it is built.
 * The heap is fixed and collected in parallel, which suits throughput best.
 */
export function jvmProgram(name: 'java' | 'esper' | 'siddhi', isWanted: boolean): Availability {
  const folder = here(`../../rivals/${name}`);
  if (!isWanted) return { absent: 'not asked for: --jvm' };
  if (!existsSync(`${folder}/pom.xml`)) return { absent: `no program in rivals/${name}` };
  for (const command of ['java', 'javac', 'mvn']) if (!runs(command, '-version')) return { absent: `${command} is not installed` };
  if (!runs('mvn', '-q', '-B', '-f', `${folder}/pom.xml`, 'compile', 'dependency:copy-dependencies')) return { absent: `rivals/${name} could not be built; mvn -f bench/rivals/${name}/pom.xml compile says why` };
  return { program: { command: 'java', args: ['-Xms6g', '-Xmx10g', '-XX:+UseParallelGC', '-cp', `${folder}/target/classes:${folder}/target/dependency/*`, 'Rival', ...watchedMerchants()] } };
}
