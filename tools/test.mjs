// `npm test`: everything that proves the product, from a fresh clone, nothing else needed. Ends in `N passed, N failed`.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDashboard, buildServer, fail, install, refuseOldNode, refuseUnusableFolder, root, run, startProgress } from './workspace.mjs';

const results = join(root, '.weir', 'test-results');
const counts = { passed: 0, failed: 0, skipped: 0 };
const node = process.execPath;
const only = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const wants = (name) => only.length === 0 || only.includes(name);

function record(name, ok, output) {
  counts[ok ? 'passed' : 'failed'] += 1;
  if (!ok) console.log(`\n--- ${name} failed ---\n${output.trimEnd().split('\n').slice(-120).join('\n')}\n`);
}

/** A check that passes or fails as a whole. */
async function check(name, command, args, options) {
  if (!wants(name)) return;
  const done = startProgress(name);
  const { code, output } = await run(command, args, options);
  done(code === 0 ? 'passed' : 'FAILED');
  record(name, code === 0, output);
}

/** A Jest run: each test counts. */
async function jest(name, args) {
  if (!wants(name)) return;
  const file = join(results, `${name.replaceAll(' ', '-')}.json`);
  rmSync(file, { force: true });
  const done = startProgress(name);
  const { code, output } = await run(node, ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${file}`, ...args]);
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    done('FAILED');
    record(name, false, output);
    return;
  }
  counts.passed += report.numPassedTests;
  counts.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
  counts.skipped += report.numPendingTests;
  if (code !== 0 && report.numFailedTests + report.numRuntimeErrorTestSuites === 0) counts.failed += 1;
  done(`${report.numPassedTests} passed, ${report.numFailedTests + report.numRuntimeErrorTestSuites} failed${report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : ''}`);
  for (const suite of report.testResults) {
    if (suite.status === 'failed') console.log(`\n${suite.name.slice(root.length + 1)}\n${suite.message}`);
  }
  if (code !== 0 && !report.success && counts.failed === 0) console.log(output.slice(-4000));
  for (const line of output.split('\n')) if (/^\s*(SKIPPED|skipped):? /.test(line)) console.log(line.trim());
}

try {
  refuseOldNode();
  refuseUnusableFolder();
  await install();
  mkdirSync(results, { recursive: true });
  await check('lock', node, ['tools/check-lock.mjs']);
  await check('types', node, ['node_modules/typescript/bin/tsc', '-b']);
  await check('lint', node, ['node_modules/nx/dist/bin/nx.js', 'run-many', '-t', 'lint', '--parallel=2', '--outputStyle=static']);
  await check('boundaries', node, ['tools/check-boundaries.mjs']);
  await jest('unit', ['--config', 'jest.config.mjs']);
  if (wants('e2e')) {
    await buildServer();
    await buildDashboard();
    await jest('e2e', ['--config', 'e2e/jest.config.mjs', '--runInBand']);
  }
} catch (error) {
  fail(error);
}
console.log(`${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
process.exit(counts.failed === 0 ? 0 : 1);
