import pg from 'pg';
import { DataSource } from 'typeorm';
import { ApiKeyEntity, SessionEntity, SetupTokenEntity, UserEntity } from './entities/access.entity.js';
import { ActivityEntity } from './entities/activity.entity.js';
import { AlertEntity } from './entities/alert.entity.js';
import { CaseEntity } from './entities/case.entity.js';
import { DecisionEntity } from './entities/decision.entity.js';
import { LabelOutboxEntity } from './entities/label-outbox.entity.js';
import { ListChangeEntity, ListEntity, ListEntryEntity } from './entities/list.entity.js';
import { ProgressEntity } from './entities/progress.entity.js';
import { RuleEntity, RuleReleaseEntity } from './entities/rule.entity.js';
import { SettingEntity } from './entities/setting.entity.js';
import { InitialSchema1795200000000 } from './migrations/1795200000000-initial-schema.js';
import { NamedLists1795300000000 } from './migrations/1795300000000-named-lists.js';

const entities = [
  AlertEntity, CaseEntity, DecisionEntity, LabelOutboxEntity, ActivityEntity, ProgressEntity,
  UserEntity, SessionEntity, ApiKeyEntity, SetupTokenEntity, RuleEntity, RuleReleaseEntity, SettingEntity, ListEntity, ListChangeEntity, ListEntryEntity,
];

const int8 = 20;
/** int8 as number: instants, seqs and counts stay far below 2^53. Everything else as the driver does. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => (oid === int8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text')), // as: the driver's overloads want a literal
};

/**
 * Connects to the case store and brings its schema up to date (migrations run one process at a time).
 *
 * @param url PostgreSQL 15 or newer.
 * @param poolSize connections of this process, at most.
 */
export async function openCaseStore(url: string, poolSize = 12): Promise<DataSource> {
  const store = new DataSource({
    type: 'postgres', url, entities, migrations: [InitialSchema1795200000000, NamedLists1795300000000], migrationsTransactionMode: 'each',
    synchronize: false, logging: false, poolSize, applicationName: 'weir',
    extra: { types, options: '-c work_mem=32MB', connectionTimeoutMillis: 10_000 },
  });
  await store.initialize();
  try {
    await migrate(store);
  } catch (error) {
    await store.destroy();
    throw error;
  }
  return store;
}

const migrationLock = 7_731_901; // any constant: which advisory lock guards migrations

async function migrate(store: DataSource): Promise<void> {
  const guard = store.createQueryRunner();
  try {
    await guard.query('select pg_advisory_lock($1)', [migrationLock]);
    await store.runMigrations();
  } finally {
    await guard.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined); // a lost connection has given it back
    await guard.release();
  }
}
