import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { tap } from 'rxjs';
import type { Observable } from 'rxjs';

const fieldOf = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined);
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** The version that If-Match wants for an answer about one alert, case or rule; undefined for anything else. */
export function versionOfAnswer(body: unknown): number | undefined {
  const row = fieldOf(body, 'row') ?? fieldOf(body, 'case') ?? body; // a detail, or the row itself
  const isRule = fieldOf(row, 'release') !== undefined;
  const isRow = fieldOf(row, 'subject') !== undefined; // rows of alerts and cases have one
  return isRule ? numberOf(fieldOf(row, 'release')) : isRow ? numberOf(fieldOf(row, 'version')) : undefined;
}

/** Sends the version of one object as its ETag. */
@Injectable()
export class VersionInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(tap((body) => {
      const version = versionOfAnswer(body);
      if (version !== undefined) void context.switchToHttp().getResponse<FastifyReply>().header('etag', `"${version}"`);
    }));
  }
}
