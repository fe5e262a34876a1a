import { Client } from 'pg';

/** The one database that Weir keeps in its server. */
const databaseName = 'weir';

/** Connection string of a database of the embedded server, `weir` if none is named. Holds the password: never log it. */
export const urlFor = (port: number, password: string, database = databaseName): string => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;

/** Runs one query on a connection of its own. @throws what `pg` throws: no server, no such account, a query that fails. */
export async function queryOnce(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // a connection lost between calls shows in the next call
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Creates the database `weir` where the server has none. */
export async function ensureDatabase(port: number, password: string): Promise<void> {
  const admin = urlFor(port, password, 'postgres');
  const found = await queryOnce(admin, `select 1 from pg_database where datname = '${databaseName}'`);
  if (found.length === 0) await queryOnce(admin, `create database ${databaseName}`);
}
