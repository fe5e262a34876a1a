import { Inject, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ProblemError } from '../http/problem-error.js';
import { serverOptionsToken } from '../server-options.js';
import type { ServerOptions } from '../server-options.js';
import { accessRuleKey } from './access.decorator.js';
import type { AccessRule, AccessedRequest } from './access.decorator.js';
import type { Access } from './accounts.js';
import { Accounts } from './accounts.js';
import { authenticate, isOwnOrigin } from './authenticate.js';
import { isSameSecret } from './secrets.js';
import { hasRole } from './viewer.js';

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Why a caller may not use a route; undefined: it may. */
export function refuseAccess(rule: AccessRule | undefined, access: Access | undefined): ProblemError | undefined {
  if (rule === 'public') return undefined;
  if (access === undefined) return new ProblemError(401, 'unauthorized', 'Sign in first', { detail: 'Send a session cookie or an API key.', headers: { 'www-authenticate': 'Bearer realm="weir"' } });
  const { principal } = access;
  if (rule === 'signed-in') {
    return principal.roles.some((role) => role !== 'channel') ? undefined : new ProblemError(403, 'forbidden', 'Not allowed', { detail: 'A channel key may only publish events and ask for decisions.' });
  }
  if (rule !== undefined && hasRole(principal, ...rule)) return undefined;
  return new ProblemError(403, 'forbidden', 'Not allowed', { detail: rule === undefined || rule.length === 0 ? 'Only an admin may do this.' : `This needs one of the roles ${rule.join(', ')}.` });
}

/** A cookie is sent by the browser on its own: an unsafe request must prove that our page made it. */
export function refuseForgery(access: Access, token: string | string[] | undefined, isOwn: boolean): ProblemError | undefined {
  if (access.csrfToken === undefined) return undefined;
  if (!isOwn) return new ProblemError(403, 'foreign-origin', 'Not from this site');
  return typeof token === 'string' && isSameSecret(token, access.csrfToken) ? undefined : new ProblemError(403, 'csrf', 'The request lacks its token', { detail: 'Send the csrfToken of /v1/me as x-csrf-token.', field: 'x-csrf-token' });
}

/** Lets a request in or refuses it; every route passes here. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector, private readonly accounts: Accounts, @Inject(serverOptionsToken) private readonly options: ServerOptions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AccessedRequest>();
    const rule = this.reflector.get<AccessRule | undefined>(accessRuleKey, context.getHandler());
    const isSafe = safeMethods.has(request.method);
    const isOwn = isOwnOrigin(request.headers, this.options.config.publicOrigins);
    if (rule === 'public') {
      if (!isSafe && !isOwn) throw new ProblemError(403, 'foreign-origin', 'Not from this site');
      return true;
    }
    const access = await authenticate(request.headers, this.accounts);
    const refusal = refuseAccess(rule, access) ?? (isSafe || access === undefined ? undefined : refuseForgery(access, request.headers['x-csrf-token'], isOwn));
    if (refusal !== undefined) throw refusal;
    if (access !== undefined) request.access = access;
    return true;
  }
}
