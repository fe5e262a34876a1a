import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiKeyRow, Login, Me, NewApiKey, Role, SetPassword, SetupLogin, User } from '@weir/contracts';
import { defaultUndoMs } from '@weir/case-model';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ProblemError, notFoundProblem } from '../http/problem-error.js';
import { serverOptionsToken } from '../server-options.js';
import type { ServerOptions } from '../server-options.js';
import { Allow, Caller, CurrentAccess } from './access.decorator.js';
import { Accounts } from './accounts.js';
import type { Access, NewSession } from './accounts.js';
import { AttemptLimiter } from './attempt-limiter.js';
import { sessionCookie } from './authenticate.js';
import type { Principal } from './viewer.js';

export const NewUser = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,59}$/, 'lower-case letters, digits, dot, dash, underscore; at most 60').refine((name) => name !== 'engine' && name !== 'none' && name !== 'me', 'this name means something else'),
  displayName: z.string().min(1).max(100), roles: z.array(Role).min(1), password: z.string().min(10).max(1000),
});
export const ActAs = z.object({ user: z.string().max(100).nullable() });
export const NewApiKeyAnswer = z.object({ row: ApiKeyRow, key: z.string().describe('shown once') });
export const ApiKeyList = z.object({ items: z.array(ApiKeyRow) });
export const UserList = z.object({ items: z.array(User) });

const minuteMs = 60_000;

/** Signing in and out, the caller's own account, users and keys. */
@Controller('v1')
export class AccessController {
  readonly #byAddress = new AttemptLimiter({ atMost: 20, withinMs: 5 * minuteMs, maxNames: 10_000 });
  readonly #byUser = new AttemptLimiter({ atMost: 10, withinMs: 5 * minuteMs, maxNames: 10_000 });
  readonly #now: () => number;

  constructor(private readonly accounts: Accounts, @Inject(serverOptionsToken) private readonly options: ServerOptions) { this.#now = options.now ?? Date.now; }

  @Post('login') @HttpCode(200) @Allow('public')
  async login(@Body() body: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Me> {
    const { user, password } = Login.parse(body);
    return this.#attempt(request, user, reply, () => this.accounts.login(user, password), 'User or password is not right.');
  }

  @Post('login/setup') @HttpCode(200) @Allow('public')
  async setup(@Body() body: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Me> {
    const { token } = SetupLogin.parse(body);
    return this.#attempt(request, undefined, reply, () => this.accounts.loginBySetupToken(token), 'This link was used already or is too old. Restart Weir for a new one, or sign in.');
  }

  async #attempt(request: FastifyRequest, user: string | undefined, reply: FastifyReply, open: () => Promise<NewSession | undefined>, wrong: string): Promise<Me> {
    const now = this.#now();
    const waitMs = Math.max(this.#byAddress.waitMs(request.ip, now), user === undefined ? 0 : this.#byUser.waitMs(user, now));
    if (waitMs > 0) throw new ProblemError(429, 'too-many-attempts', 'Too many attempts', { detail: `Try again in ${Math.ceil(waitMs / 1000)} s.`, headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } });
    this.#byAddress.began(request.ip, now);
    if (user !== undefined) this.#byUser.began(user, now);
    const session = await open();
    if (session === undefined) throw new ProblemError(401, 'wrong-credentials', 'Not signed in', { detail: wrong });
    this.#byAddress.forgive(request.ip);
    if (user !== undefined) this.#byUser.succeeded(user);
    void reply.header('set-cookie', this.#cookie(session.cookie, 7 * 86_400));
    return this.#me(session.access);
  }

  @Post('logout') @HttpCode(204) @Allow('signed-in')
  async logout(@Caller() caller: Principal, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    if (caller.kind === 'session') await this.accounts.logout(caller.credential);
    void reply.header('set-cookie', this.#cookie('', 0));
  }

  @Get('me') @Allow('signed-in')
  me(@CurrentAccess() access: Access): Me { return this.#me(access); }

  @Post('me/password') @HttpCode(200) @Allow('signed-in')
  async password(@CurrentAccess() access: Access, @Body() body: unknown): Promise<Me> {
    const { current, password } = SetPassword.parse(body);
    if (access.principal.kind !== 'session') throw new ProblemError(403, 'forbidden', 'Not allowed', { detail: 'A key has no password.' });
    const now = this.#now();
    const name = access.signedInAs ?? access.principal.name;
    const waitMs = this.#byUser.waitMs(name, now);
    if (waitMs > 0) throw new ProblemError(429, 'too-many-attempts', 'Too many attempts', { headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } });
    this.#byUser.began(name, now);
    if (!(await this.accounts.setPassword(access, current, password))) throw new ProblemError(403, 'wrong-credentials', 'The current password is not right', { field: 'current' });
    this.#byUser.succeeded(name);
    return this.#me({ ...access, needsPassword: false });
  }

  /** Demo only: the rest of this session runs in the name of one of the demo's people. */
  @Post('me/act-as') @HttpCode(204) @Allow('signed-in')
  async actAs(@CurrentAccess() access: Access, @Body() body: unknown): Promise<void> {
    const { user } = ActAs.parse(body);
    if (!this.options.config.demo && user !== null) throw notFoundProblem('page');
    if (access.principal.kind !== 'session') throw new ProblemError(403, 'forbidden', 'Not allowed');
    if (!(await this.accounts.actAs(access, user))) throw new ProblemError(422, 'unknown-user', 'No such person of the demo', { field: 'user' });
  }

  @Get('users') @Allow([])
  async users(): Promise<z.infer<typeof UserList>> { return { items: [...(await this.accounts.users())] }; }

  @Post('users') @HttpCode(201) @Allow([])
  async addUser(@Body() body: unknown, @Caller() caller: Principal): Promise<User> {
    const user = NewUser.parse(body);
    if (!(await this.accounts.addUser(user, caller.name))) throw new ProblemError(409, 'name-taken', 'This name is taken', { field: 'name' });
    return { name: user.name, displayName: user.displayName, roles: user.roles };
  }

  @Get('api-keys') @Allow([])
  async keys(): Promise<z.infer<typeof ApiKeyList>> { return { items: [...(await this.accounts.keys())] }; }

  @Post('api-keys') @HttpCode(201) @Allow([])
  async addKey(@Body() body: unknown, @Caller() caller: Principal): Promise<z.infer<typeof NewApiKeyAnswer>> {
    const { name, roles } = NewApiKey.parse(body);
    return this.accounts.addKey(name, roles, caller.name);
  }

  @Delete('api-keys/:id') @HttpCode(204) @Allow([])
  async revokeKey(@Param('id') id: string, @Caller() caller: Principal): Promise<void> {
    if (!(await this.accounts.revokeKey(id, caller.name))) throw notFoundProblem('key');
  }

  #me(access: Access): Me {
    const { principal } = access;
    return {
      user: { name: principal.name, displayName: principal.displayName, roles: principal.roles.flatMap((role) => (role === 'channel' ? [] : [role])) },
      csrfToken: access.csrfToken ?? '', needsPassword: access.needsPassword, demo: this.options.config.demo, demoRunning: this.options.demo?.running() ?? false,
      undoMs: this.options.config.undoMs ?? defaultUndoMs, version: this.options.config.version,
    };
  }

  #cookie(value: string, maxAgeS: number): string {
    return `${sessionCookie}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}${this.options.config.secureCookies === true ? '; Secure' : ''}`;
  }
}
