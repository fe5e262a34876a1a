import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { FeedCommand } from '@weir/contracts';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Accounts } from '../access/accounts.js';
import { authenticate, isOwnOrigin } from '../access/authenticate.js';
import { isMasked } from '../access/viewer.js';
import type { FeedHub } from './feed-hub.js';

export interface FeedServerOptions {
  readonly hub: FeedHub;
  readonly accounts: Accounts;
  readonly publicOrigins: readonly string[];
  readonly log: Logger;
  /** Sockets at the same time, at most. Default 2,000. */
  readonly maxClients?: number | undefined;
}

export const feedPath = '/v1/feed';
const pingMs = 30_000;
const maxCommandBytes = 16 * 1024;
/** Close codes: 4000-4999 are free for applications (RFC 6455 §7.4.2). */
const closeCodes = { sessionEnded: 4401, badCommand: 4400, goingAway: 1001 } as const;

interface Connected { readonly socket: WebSocket; readonly credential: string; isAlive: boolean; check(): Promise<boolean> }

/** The feed's socket: lets signed-in desks in, hands their commands to the hub, ends with their session. */
export class FeedServer {
  readonly #options: FeedServerOptions;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: maxCommandBytes, perMessageDeflate: false });
  readonly #connected = new Set<Connected>();
  #pinging: NodeJS.Timeout | undefined;

  constructor(options: FeedServerOptions) {
    this.#options = options;
    options.accounts.onEnd((credential) => {
      for (const client of this.#connected) if (client.credential === credential) client.socket.close(closeCodes.sessionEnded, 'the session ended');
    });
  }

  /** Answers upgrades of an HTTP server from now on. */
  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      this.#upgrade(request, socket, head).catch((error: unknown) => {
        this.#options.log.warn({ err: error }, 'a feed connection failed');
        socket.destroy();
      });
    });
    this.#pinging = setInterval(() => { void this.#ping(); }, pingMs);
    this.#pinging.unref();
  }

  /** Closes every socket and takes no more. */
  close(): void {
    clearInterval(this.#pinging);
    for (const { socket } of this.#connected) socket.close(closeCodes.goingAway, 'the server stops');
    for (const { socket } of this.#connected) setTimeout(() => socket.terminate(), 500).unref();
    this.#sockets.close();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (request.url?.split('?')[0] !== feedPath) return refuse(socket, 404, 'Not Found');
    if (!isOwnOrigin(request.headers, this.#options.publicOrigins)) return refuse(socket, 403, 'Forbidden');
    const access = await authenticate(request.headers, this.#options.accounts);
    if (access === undefined) return refuse(socket, 401, 'Unauthorized');
    if (access.principal.roles.every((role) => role === 'channel')) return refuse(socket, 403, 'Forbidden');
    if (this.#connected.size >= (this.#options.maxClients ?? 2_000)) return refuse(socket, 503, 'Service Unavailable');
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#join(webSocket, { socket: webSocket, credential: access.principal.credential, isAlive: true, check: async () => (await authenticate(request.headers, this.#options.accounts)) !== undefined }, isMasked(access.principal));
    });
  }

  #join(socket: WebSocket, connected: Connected, masked: boolean): void {
    this.#connected.add(connected);
    const client = this.#options.hub.join({ send: (text) => socket.send(text), bufferedBytes: () => socket.bufferedAmount }, masked);
    socket.on('pong', () => { connected.isAlive = true; });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#connected.delete(connected);
      client.leave();
    });
    socket.on('message', (data, isBinary) => {
      const command = isBinary ? undefined : parseCommand(String(data));
      if (command === undefined) socket.close(closeCodes.badCommand, 'not a command of the feed');
      else client.subscribe(command.topics, command.from);
    });
  }

  /** Drops sockets that answer no ping, and those whose session ended elsewhere. */
  async #ping(): Promise<void> {
    for (const client of this.#connected) {
      if (!client.isAlive) {
        client.socket.terminate();
        continue;
      }
      client.isAlive = false;
      client.socket.ping();
      const isIn = await client.check().catch(() => true); // the database is away: the session may well be there
      if (!isIn) client.socket.close(closeCodes.sessionEnded, 'the session ended');
    }
  }
}

function parseCommand(text: string): ReturnType<typeof FeedCommand.parse> | undefined {
  try {
    return FeedCommand.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // not JSON: the caller closes the socket
  }
}

function refuse(socket: Duplex, status: number, reason: string): void {
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
