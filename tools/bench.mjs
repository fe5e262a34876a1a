// `npm run bench [-- --json]`: builds, then measures. Only the result goes to stdout.
import { spawnSync } from 'node:child_process';
import { buildServer, fail, install, refuseOldNode, root } from './workspace.mjs';

try {
  refuseOldNode();
  await install();
  await buildServer();
} catch (error) {
  fail(error);
}
process.exit(spawnSync(process.execPath, ['--max-old-space-size=8192', 'bench/dist/src/main.js', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' }).status ?? 1);
