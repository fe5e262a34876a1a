import { join } from 'node:path';

/** Why the database can not be started; a closed list, so that callers can choose an exit code. */
export type PostgresErrorCode =
  | 'UNSUPPORTED_PLATFORM' | 'MUSL' | 'BINARIES_MISSING' | 'NO_SPACE' | 'NO_PERMISSION' | 'OTHER_OWNER' | 'OTHER_VERSION'
  | 'IN_USE' | 'PORT_TAKEN' | 'PASSWORD_LOST' | 'UNREACHABLE' | 'START_FAILED';

/** The message is one sentence for the person at the terminal: what failed, where, and what to do. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
  constructor(readonly code: PostgresErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
  }
}

/** By shape and not by `instanceof`: errors of node:fs come from another realm under a test runner. */
const errno = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Turns an error of the file system at `path` into a sentence; every other error is returned as it is. */
export function explainFileError(error: unknown, path: string): unknown {
  switch (errno(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new PostgresError('NO_SPACE', `No space left on the disk of ${path}; the database needs about 200 MB. Free some space or choose another data folder.`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new PostgresError('NO_PERMISSION', `The folder ${path} can not be written by this user. Change its owner or choose another data folder.`, { cause: error });
    case 'ENOTDIR':
    case 'EEXIST':
      return new PostgresError('NO_PERMISSION', `${path} is not a folder. Remove it or choose another data folder.`, { cause: error });
    default:
      return error;
  }
}

/** Is it an error of the system with that code, as `ENOENT`? */
export const isErrno = (error: unknown, code: string): boolean => errno(error) === code;

/** The disk of `home` is full, or too full for a cluster. */
export const noSpace = (home: string): PostgresError => new PostgresError('NO_SPACE', `No space left on the disk of ${home}; the database needs about 200 MB. Free some space or choose another data folder.`);

/** Finds the cause in everything that a program of PostgreSQL said about the database in `home`; shows the last of it. */
export function explainOutput(said: string, home: string): PostgresError {
  const output = said.trim().split('\n').slice(-4).join(' | ');
  if (/no space left|disk quota/i.test(said)) return noSpace(home);
  if (/permission denied|operation not permitted|read-only file system/i.test(said)) return new PostgresError('NO_PERMISSION', `PostgreSQL may not write to ${home}: ${output}`);
  if (/address already in use/i.test(said)) return new PostgresError('PORT_TAKEN', `The port for PostgreSQL is taken: ${output}`);
  if (/could not create shared memory|shmget|shm_open/i.test(said)) return new PostgresError('START_FAILED', `PostgreSQL got no shared memory; give the container more of it (--shm-size=256m). It said: ${output}`);
  return new PostgresError('START_FAILED', `PostgreSQL did not start. It said: ${output === '' ? 'nothing' : output}. Its log is ${join(home, 'postgres.log')}.`);
}
