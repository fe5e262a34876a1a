import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';

/** A secret that is made once per database and kept there, base64url. */
export async function ensureSecret(store: DataSource, key: string): Promise<string> {
  await store.query('insert into settings (key, value) values ($1, to_jsonb($2::text)) on conflict (key) do nothing', [key, randomBytes(32).toString('base64url')]);
  const [row] = await store.query<{ value: string }[]>('select value from settings where key = $1', [key]);
  if (row === undefined) throw new Error(`setting ${key} vanished`);
  return row.value;
}
