import { SetMetadata, createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { Role } from '@weir/contracts';
import type { FastifyRequest } from 'fastify';
import type { Access } from './accounts.js';
import type { Principal } from './viewer.js';

/** Who may call a route: anybody, everybody signed in with a person's role, or those with one of the roles. */
export type AccessRule = 'public' | 'signed-in' | readonly (Role | 'channel')[];

export const accessRuleKey = 'weir:access';

/** States a route's rule. A route without one is refused for everybody. */
export const Allow = (rule: AccessRule): MethodDecorator => SetMetadata(accessRuleKey, rule);

/** A request after the guard let it in. */
export interface AccessedRequest extends FastifyRequest { access?: Access }

function accessOf(context: ExecutionContext): Access {
  const { access } = context.switchToHttp().getRequest<AccessedRequest>();
  if (access === undefined) throw new Error('a public route asked who is calling');
  return access;
}

/** The access of the caller; only on routes that are not public. */
export const CurrentAccess = createParamDecorator((_: unknown, context: ExecutionContext): Access => accessOf(context));
/** Who calls; only on routes that are not public. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => accessOf(context).principal);
