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

export const isErrno = (error: unknown, code: string): boolean => errno(error) === code;
