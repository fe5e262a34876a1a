import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@weir/connectors';
import pg from 'pg';
import { openCaseStore } from '../store/open-case-store.js';

/** One PostgreSQL for a spec file, with a migrated template; each test group gets a database of its own in about 50 ms. */
export interface TestPostgres {
  newDatabase(): Promise<string>;
  stop(): Promise<void>;
}

async function run(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-server-pg-'));
  chmodSync(folder, 0o755);
  const server = await startPostgres({ dataDir: join(folder, 'pg'), databaseUrl: '' });
  const urlOf = (name: string): string => server.url.replace(/\/weir$/, `/${name}`);
  await run(server.url, 'create database template_of_tests');
  await (await openCaseStore(urlOf('template_of_tests'), 2)).destroy();
  let count = 0;
  return {
    newDatabase: async () => {
      count += 1;
      await run(server.url, `create database test_${count} template template_of_tests`);
      return urlOf(`test_${count}`);
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
