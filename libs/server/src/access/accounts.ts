import { randomUUID } from 'node:crypto';
import type { ApiKeyRow, Role, User } from '@weir/contracts';
import type { DataSource } from 'typeorm';
import { appendActivity } from '../audit/activity-log.js';
import { ApiKeyEntity, SessionEntity, SetupTokenEntity, UserEntity } from '../store/entities/access.entity.js';
import { hashPassword, hashSecret, newSecret, verifyPassword } from './secrets.js';
import type { Principal } from './viewer.js';

/** A session or key as a request sees it. */
export interface Access {
  readonly principal: Principal;
  /** Only sessions: the token that unsafe requests must repeat. */
  readonly csrfToken?: string | undefined;
  /** Only sessions: who signed in, when acting as somebody else. */
  readonly signedInAs?: string | undefined;
  readonly needsPassword: boolean;
}

export interface NewSession { readonly cookie: string; readonly access: Access }

const sessionMs = 12 * 3_600_000;
const setupMs = 24 * 3_600_000;
const cacheMs = 5_000;
const keyPrefix = 'weir_live_';
const maxCached = 10_000;

/** Users, sessions and keys. Answers for a credential are remembered for five seconds; ending one forgets it at once. */
export class Accounts {
  readonly #cache = new Map<string, { readonly access: Access; readonly expiresAt: number; readonly until: number }>();
  readonly #endListeners: ((credential: string) => void)[] = [];

  constructor(private readonly store: DataSource, private readonly now: () => number) {}

  /** Called when a session or key ends, with the credential of its principal. */
  onEnd(listener: (credential: string) => void): void { this.#endListeners.push(listener); }

  /** Signs in by password; undefined when user or password is not right. */
  async login(name: string, password: string): Promise<NewSession | undefined> {
    const user = await this.#user(name);
    const isRight = await verifyPassword(password, user?.passwordHash);
    return isRight && user !== null ? this.#openSession(user) : undefined;
  }

  /** Signs in by a one-time link; undefined when it is unknown, used or too old. */
  async loginBySetupToken(token: string): Promise<NewSession | undefined> {
    const now = this.now();
    const used = await this.store.query<[{ user_name: string }[], number]>('update setup_tokens set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2 returning user_name', [hashSecret(token), now]);
    const user = used[0][0] === undefined ? null : await this.#user(used[0][0].user_name);
    return user === null ? undefined : this.#openSession(user);
  }

  async #openSession(user: UserEntity): Promise<NewSession> {
    const cookie = newSecret();
    const now = this.now();
    await this.store.getRepository(SessionEntity).insert({ tokenHash: hashSecret(cookie), userName: user.name, actingAs: null, csrfToken: newSecret(), createdAt: now, expiresAt: now + sessionMs });
    await this.store.query('delete from sessions where expires_at <= $1', [now]);
    await this.#record({ actor: user.name, kind: 'login', text: 'signed in' });
    const access = await this.accessOfCookie(cookie);
    if (access === undefined) throw new Error('the new session is not there');
    return { cookie, access };
  }

  /** The session of a cookie. Used sessions live on: their end moves when half of their time is over. */
  async accessOfCookie(cookie: string): Promise<Access | undefined> {
    return this.#cached(`session:${hashSecret(cookie)}`, async (tokenHash) => {
      const now = this.now();
      const [row] = await this.store.query<{ csrf_token: string; expires_at: number; user_name: string; name: string; display_name: string; roles: Role[]; password_hash: string | null }[]>(
        `select s.csrf_token, s.expires_at, s.user_name, u.name, u.display_name, u.roles, o.password_hash from sessions s
         join users o on o.name = s.user_name join users u on u.name = coalesce(s.acting_as, s.user_name) where s.token_hash = $1 and s.expires_at > $2`, [tokenHash, now]);
      if (row === undefined) return undefined;
      if (row.expires_at - now < sessionMs / 2) await this.store.query('update sessions set expires_at = $2 where token_hash = $1', [tokenHash, now + sessionMs]);
      const principal: Principal = { kind: 'session', name: row.name, displayName: row.display_name, roles: row.roles, credential: `session:${tokenHash}` };
      return { access: { principal, csrfToken: row.csrf_token, signedInAs: row.user_name, needsPassword: row.password_hash === null }, expiresAt: row.expires_at };
    });
  }

  /** The key of an Authorization header's token. */
  async accessOfKey(key: string): Promise<Access | undefined> {
    if (!key.startsWith(keyPrefix)) return undefined;
    return this.#cached(`key:${hashSecret(key)}`, async (keyHash) => {
      const now = this.now();
      const rows = await this.store.query<[{ id: string; name: string; roles: Principal['roles'] }[], number]>('update api_keys set last_used_at = $2 where key_hash = $1 and revoked_at is null returning id, name, roles', [keyHash, now]);
      const row = rows[0][0];
      if (row === undefined) return undefined;
      const principal: Principal = { kind: 'key', name: `key:${row.name}`, displayName: row.name, roles: row.roles, credential: `key:${keyHash}` };
      return { access: { principal, needsPassword: false }, expiresAt: Number.MAX_SAFE_INTEGER };
    });
  }

  async logout(credential: string): Promise<void> {
    await this.store.query('delete from sessions where token_hash = $1', [credential.replace('session:', '')]);
    this.#end(credential);
  }

  /** Sets a password; `current` must be right when there is one. Ends the person's other sessions. */
  async setPassword(access: Access, current: string | undefined, password: string): Promise<boolean> {
    const user = await this.#user(access.signedInAs ?? access.principal.name);
    if (user === null) return false;
    if (user.passwordHash !== null && !(await verifyPassword(current ?? '', user.passwordHash))) return false;
    await this.store.query('update users set password_hash = $2 where name = $1', [user.name, await hashPassword(password)]);
    const tokenHash = access.principal.credential.replace('session:', '');
    const ended = await this.store.query<[{ token_hash: string }[], number]>('delete from sessions where user_name = $1 and token_hash <> $2 returning token_hash', [user.name, tokenHash]);
    for (const row of ended[0]) this.#end(`session:${row.token_hash}`);
    await this.store.query('delete from setup_tokens where user_name = $1', [user.name]);
    this.#cache.delete(access.principal.credential);
    await this.#record({ actor: user.name, kind: 'password', text: 'set a new password' });
    return true;
  }

  /** Demo: requests of this session run in the name of a demo person, or of the admin again (null). */
  async actAs(access: Access, name: string | null): Promise<boolean> {
    const user = name === null ? null : await this.#user(name);
    if (name !== null && user?.isDemo !== true) return false;
    const { credential } = access.principal;
    await this.store.query('update sessions set acting_as = $2 where token_hash = $1', [credential.replace('session:', ''), name]);
    this.#end(credential);
    await this.#record({ actor: access.signedInAs ?? access.principal.name, kind: 'act-as', text: name === null ? 'acts as themselves again' : `acts as ${name}` });
    return true;
  }

  async users(): Promise<readonly User[]> {
    const users = await this.store.getRepository(UserEntity).find({ order: { name: 'ASC' } });
    return users.map(({ name, displayName, roles }) => ({ name, displayName, roles: roles as Role[] })); // as: only roles are ever written
  }

  /** Adds a user; false when the name is taken. */
  async addUser(user: User & { readonly password?: string | undefined; readonly isDemo?: boolean | undefined }, by: string): Promise<boolean> {
    const passwordHash = user.password === undefined ? null : await hashPassword(user.password);
    const added = await this.store.query<{ name: string }[]>(`insert into users (name, display_name, roles, password_hash, is_demo, created_at) values ($1, $2, $3, $4, $5, $6)
      on conflict (name) do nothing returning name`, [user.name, user.displayName, [...user.roles], passwordHash, user.isDemo ?? false, this.now()]);
    if (added.length > 0) await this.#record({ actor: by, kind: 'user', text: `added user ${user.name} (${user.roles.join(', ')})` });
    return added.length > 0;
  }

  async keys(): Promise<readonly ApiKeyRow[]> {
    const keys = await this.store.query<ApiKeyEntity[]>('select id, name, roles, created_at as "createdAt", last_used_at as "lastUsedAt", created_by as "createdBy" from api_keys where revoked_at is null order by created_at desc');
    return keys.map(presentKey);
  }

  /** Makes a key. Its text is returned here and never again. */
  async addKey(name: string, roles: Principal['roles'], by: string): Promise<{ readonly row: ApiKeyRow; readonly key: string }> {
    const key = `${keyPrefix}${newSecret()}`;
    const row = { id: randomUUID(), name, roles: [...roles], keyHash: hashSecret(key), createdAt: this.now(), createdBy: by, lastUsedAt: null, revokedAt: null };
    await this.store.getRepository(ApiKeyEntity).insert(row);
    await this.#record({ actor: by, kind: 'api-key', text: `made key ${name} (${roles.join(', ')})` });
    return { row: presentKey(row), key };
  }

  async revokeKey(id: string, by: string): Promise<boolean> {
    const rows = await this.store.query<[{ name: string; key_hash: string }[], number]>('update api_keys set revoked_at = $2 where id = $1 and revoked_at is null returning name, key_hash', [id, this.now()]);
    const row = rows[0][0];
    if (row === undefined) return false;
    this.#end(`key:${row.key_hash}`);
    await this.#record({ actor: by, kind: 'api-key', text: `revoked key ${row.name}` });
    return true;
  }

  #user(name: string): Promise<UserEntity | null> { return this.store.getRepository(UserEntity).findOneBy({ name }); }

  async #cached(credential: string, load: (hash: string) => Promise<{ readonly access: Access; readonly expiresAt: number } | undefined>): Promise<Access | undefined> {
    const now = this.now();
    const known = this.#cache.get(credential);
    if (known !== undefined && known.until > now && known.expiresAt > now) return known.access;
    this.#cache.delete(credential);
    const found = await load(credential.slice(credential.indexOf(':') + 1));
    if (found === undefined) return undefined;
    if (this.#cache.size >= maxCached) this.#cache.clear();
    this.#cache.set(credential, { ...found, until: now + cacheMs });
    return found.access;
  }

  #end(credential: string): void {
    this.#cache.delete(credential);
    for (const listener of this.#endListeners) listener(credential);
  }

  async #record(fact: { readonly actor: string; readonly kind: string; readonly text: string }): Promise<void> {
    await this.store.transaction((manager) => appendActivity(manager, [{ at: this.now(), ...fact }]));
  }
}

function presentKey(key: Pick<ApiKeyEntity, 'id' | 'name' | 'roles' | 'createdAt' | 'createdBy' | 'lastUsedAt'>): ApiKeyRow {
  return { id: key.id, name: key.name, roles: key.roles as ApiKeyRow['roles'], createdAt: key.createdAt, ...(key.lastUsedAt === null ? {} : { lastUsedAt: key.lastUsedAt }), createdBy: key.createdBy }; // as: only roles are ever written
}

/**
 * Makes the first admin, and a one-time link token while that admin has no password. Earlier links end.
 *
 * @returns the token for `/login/?setup=`; undefined when somebody can sign in already.
 */
export async function ensureFirstAdmin(store: DataSource, now: () => number = Date.now): Promise<string | undefined> {
  const [ready] = await store.query<{ name: string }[]>(`select name from users where 'admin' = any(roles) and password_hash is not null limit 1`);
  if (ready !== undefined) return undefined;
  const at = now();
  await store.query(`insert into users (name, display_name, roles, is_demo, created_at) values ('admin', 'Admin', '{admin}', false, $1) on conflict (name) do nothing`, [at]);
  const token = newSecret();
  await store.transaction(async (manager) => {
    await manager.query(`delete from setup_tokens where user_name = 'admin'`);
    await manager.getRepository(SetupTokenEntity).insert({ tokenHash: hashSecret(token), userName: 'admin', createdAt: at, expiresAt: at + setupMs, usedAt: null });
  });
  return token;
}

/** The people of the demo: an analyst, an author and an approver, without passwords; an admin can act as them. */
export async function ensureDemoUsers(store: DataSource, now: () => number = Date.now): Promise<void> {
  const people: readonly User[] = [
    { name: 'mira', displayName: 'Mira', roles: ['analyst'] }, { name: 'jon', displayName: 'Jon', roles: ['author'] }, { name: 'ana', displayName: 'Ana', roles: ['approver', 'senior'] },
  ];
  for (const { name, displayName, roles } of people) {
    await store.query('insert into users (name, display_name, roles, is_demo, created_at) values ($1, $2, $3, true, $4) on conflict (name) do nothing', [name, displayName, roles, now()]);
  }
}
