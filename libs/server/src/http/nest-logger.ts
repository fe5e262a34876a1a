import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest's own messages in our log; its start-up chatter only at debug level. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Logger) {}
  log(message: unknown): void { this.pino.debug(String(message)); }
  debug(message: unknown): void { this.pino.debug(String(message)); }
  verbose(message: unknown): void { this.pino.trace(String(message)); }
  warn(message: unknown): void { this.pino.warn(String(message)); }
  error(message: unknown, stack?: unknown): void { this.pino.error({ ...(typeof stack === 'string' ? { stack } : {}) }, message instanceof Error ? message.message : String(message)); }
  fatal(message: unknown): void { this.pino.fatal(String(message)); }
}
