/** The closed list of what can go wrong outside; the message names file, place and cause for people. */
export type ConnectorErrorCode =
  | 'LOG_LOCKED' | 'LOG_DAMAGED' | 'LOG_FAILED' | 'LOG_CLOSED' | 'LOG_DELETED' | 'RECORD_TOO_LARGE'
  | 'CHECKPOINT_DAMAGED' | 'CHECKPOINT_MISSING'
  | 'FILE_UNREADABLE' | 'FILE_DAMAGED' | 'FILE_UNKNOWN_KIND' | 'MAPPING_REFUSED';

/** An error of the outside world (disk, file). `retryable`: the same call may succeed later without a change by people. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly retryable: boolean;
  constructor(readonly code: ConnectorErrorCode, message: string, options: { readonly cause?: unknown; readonly retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable ?? false;
  }
}

/** The `code` of a Node system error (`ENOENT`, `EEXIST`, ...); undefined for anything else. By shape: errors of another realm (worker, test) are not `instanceof Error`. */
export function systemErrorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
