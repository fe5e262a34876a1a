import { cpus, loadavg, totalmem } from 'node:os';
import { runBenchmark } from './benchmark.js';
import { benchmarkPlan } from './benchmark-plan.js';
import { resultsText, writeResults } from './results-text.js';

/**
 * `npm run bench [-- --json] [--quick] [--readme] [--jvm] [--size S]`: the figures as JSON on stdout, progress on stderr.
 * Without figures, and with exit code 1, when alerts differ or a rule never fires.
 */
const has = (flag: string): boolean => process.argv.includes(flag);
const sizeAt = process.argv.indexOf('--size');
const plan = benchmarkPlan({ isQuick: has('--quick'), withJvm: has('--jvm'), size: sizeAt > 0 ? Number(process.argv[sizeAt + 1]) : 1 });
const loadBefore = loadavg()[0] ?? 0;
const result = await runBenchmark(plan, (text) => { process.stderr.write(`${text}\n`); });
const host = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version, loadBefore: Math.round(loadBefore * 100) / 100, loadAfter: Math.round((loadavg()[0] ?? 0) * 100) / 100 };
if (result.alertsEqual && has('--readme')) writeResults(new URL('../../README.md', import.meta.url), resultsText(result, host));
process.stdout.write(`${JSON.stringify({ ...result, host }, undefined, has('--json') ? undefined : 2)}\n`);
process.exitCode = result.alertsEqual && result.everyRuleFires ? 0 : 1;
