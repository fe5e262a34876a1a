import type { Role } from '@weir/contracts';

/** Who a request runs as: a person with a session, or a machine with a key. */
export interface Principal {
  readonly kind: 'session' | 'key';
  /** User name, or `key:<name>` for a machine: what activity rows say. */
  readonly name: string;
  readonly displayName: string;
  readonly roles: readonly (Role | 'channel')[];
  /** Id of the session or key: its sockets end with it. */
  readonly credential: string;
}

const seesPersonalValues: ReadonlySet<string> = new Set<Role>(['analyst', 'senior', 'author', 'approver', 'admin']);

/** True: personal values are masked for this principal (viewers, operators, machines without a person's role). */
export const isMasked = (principal: Pick<Principal, 'roles'>): boolean => !principal.roles.some((role) => seesPersonalValues.has(role));

/** True when one of the roles allows what one of `allowed` may do; an admin may do everything. */
export const hasRole = (principal: Pick<Principal, 'roles'>, ...allowed: readonly (Role | 'channel')[]): boolean =>
  principal.roles.includes('admin') || principal.roles.some((role) => allowed.includes(role));
