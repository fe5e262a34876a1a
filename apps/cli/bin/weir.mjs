#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('weir is not built yet. Run: npm ci && npm run build\n');
  process.exit(2);
}
// A reader that has seen enough (`weir rules check | head`) closes the pipe: that is no failure.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
const { main: run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));
