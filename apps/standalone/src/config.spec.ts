import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { readConfig, settings } from './config.js';

function refusal(args: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  const result = readConfig(args, environment, '/repo');
  return result.ok ? 'accepted' : result.message;
}

describe('the configuration', () => {
  it('has a default for everything', () => {
    const result = readConfig([], {}, '/repo');
    expect(result.ok && result.config).toMatchObject({
      port: 8080, host: '127.0.0.1', dataDir: '/repo/.weir/data', rulesDir: '/repo/rules', dashboardDir: '/repo/apps/dashboard/out', demo: true, open: false,
      undoMs: 600_000, maxOutOfOrdernessMs: 60_000, maxFutureMs: 10_000, retentionMs: 35 * 86_400_000, heartbeatMs: 0,
    });
  });

  it('takes flags over the environment over defaults', () => {
    const result = readConfig(['--port', '9001', '--no-demo', '--data', '/data'], { WEIR_PORT: '9000', WEIR_HOST: '0.0.0.0', WEIR_DEMO: 'true' }, '/repo');
    expect(result.ok && result.config).toMatchObject({ port: 9001, host: '0.0.0.0', demo: false, dataDir: '/data' });
  });

  it('takes an empty variable for one that is not set', () => {
    const result = readConfig([], { WEIR_PORT: '' }, '/repo');
    expect(result.ok && result.config.port).toBe(8080);
  });

  it.each([
    { name: 'a port that is none', args: ['--port', '99999'], environment: {}, message: 'WEIR_PORT: "99999" is not a whole number from 0 to 65535.' },
    { name: 'a span that is none', args: [], environment: { WEIR_RETENTION: 'long' }, message: 'WEIR_RETENTION: "long" is not a span such as 500ms, 10m or 35d.' },
    { name: 'a truth that is none', args: [], environment: { WEIR_DEMO: 'maybe' }, message: 'WEIR_DEMO: "maybe" is not true or false.' },
    { name: 'an unknown flag', args: ['--prot', '1'], environment: {}, message: "Unknown option '--prot'. npm start -- --help lists the options." },
    { name: 'a bound that would make a stream late by one wrong date', args: [], environment: { WEIR_MAX_FUTURE: '2m' }, message: 'WEIR_MAX_FUTURE (2m) must be below WEIR_MAX_OUT_OF_ORDERNESS (1m): else one wrong clock makes the whole stream late.' },
  ])('refuses $name in one sentence', ({ args, environment, message }) => {
    expect(refusal(args, environment)).toBe(message);
  });

  it('is shown whole in .env.example', async () => {
    const file = join(dirname(fileURLToPath(import.meta.url)), '..', '.env.example');
    const shown = [...(await readFile(file, 'utf8')).matchAll(/^#?\s?([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(shown.sort()).toEqual([...settings].sort());
  });
});
