import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { locateBinaries } from './binaries.js';
import { createCluster } from './create-cluster.js';
import { majorVersion, openFolder, readPassword, releaseOwnership } from './data-folder.js';
import { ensureDatabase, queryOnce, urlFor } from './database.js';
import { PostgresError, explainFileError } from './postgres-error.js';
import { launch, stopServer, takeOver } from './server-process.js';

/** Where the database lies, and who is told what. */
export interface StartPostgresOptions {
  /** Folder of the database: `cluster/`, `password`, `postgres.log`, `owner.json`. Made when absent. */
  readonly dataDir: string;
  /** Receives one line per step, for people. */
  readonly log?: ((line: string) => void) | undefined;
  /** Port on 127.0.0.1; a free one when absent. */
  readonly port?: number | undefined;
  /** A PostgreSQL to use instead; then nothing is started. Default: the environment's DATABASE_URL. */
  readonly databaseUrl?: string | undefined;
  /** Called when the server ends without stop() having been called; the database is then unreachable. */
  readonly onUnexpectedExit?: ((message: string) => void) | undefined;
}

/** A database that takes connections. */
export interface RunningPostgres {
  /** Connection string of the database `weir`. Holds the password: never log it. */
  readonly url: string;
  /** False: the server was given by DATABASE_URL. */
  readonly isEmbedded: boolean;
  /** True: a server that an earlier, killed process left behind was taken over. */
  readonly wasReused: boolean;
  /** Ends the embedded server (fast shutdown: open transactions roll back). Twice is once. Does nothing to a given server. */
  stop(): Promise<void>;
}

async function useGiven(url: string, log: (line: string) => void): Promise<RunningPostgres> {
  try {
    const rows = await queryOnce(url, 'show server_version');
    log(`using the PostgreSQL ${String(rows[0]?.['server_version'])} of DATABASE_URL`);
  } catch (cause) {
    throw new PostgresError('UNREACHABLE', `The PostgreSQL of DATABASE_URL does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return { url, isEmbedded: false, wasReused: false, stop: async () => undefined };
}

/**
 * Starts the embedded PostgreSQL 18 on loopback, or uses the one of DATABASE_URL.
 *
 * A server left over by a killed process is taken over. Passwords are SCRAM with a generated secret in a 0600 file.
 * As root it runs as the cluster's owner, else `nobody` (see {@link chooseAccount}).
 *
 * @throws PostgresError, one sentence each, for every expected refusal.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const log = options.log ?? (() => undefined);
  const given = options.databaseUrl ?? process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') return useGiven(given, log);

  const { home, account } = openFolder(options.dataDir);
  try {
    const binaries = await locateBinaries(home, account !== undefined);
    const cluster = join(home, 'cluster');
    if (!existsSync(cluster)) {
      log(`creating the database in ${home}`);
      await createCluster(binaries, home, account);
    }
    const password = readPassword(home);
    let stopping: Promise<void> | undefined;
    const reused = await takeOver(cluster, password, binaries, log);
    const server = reused ?? (await launch(binaries, home, password, options.port, account, (code) => {
      if (stopping === undefined) options.onUnexpectedExit?.(`PostgreSQL ended by itself with code ${code}; its log is ${join(home, 'postgres.log')}`);
    }));
    try {
      await ensureDatabase(server.port, password);
    } catch (error) {
      stopping = stopServer(server.pid, binaries, cluster, log);
      await stopping;
      throw error;
    }
    log(`PostgreSQL ${majorVersion} is ready on 127.0.0.1:${server.port}`);
    return {
      url: urlFor(server.port, password),
      isEmbedded: true,
      wasReused: reused !== undefined,
      stop: () => (stopping ??= stopServer(server.pid, binaries, cluster, log).finally(() => releaseOwnership(home))),
    };
  } catch (error) {
    releaseOwnership(home);
    throw explainFileError(error, home);
  }
}
