import { FeedMessage } from '@weir/contracts';
import WebSocket from 'ws';

/** A client of the feed that keeps everything it was sent. */
interface FeedClient {
  readonly messages: readonly FeedMessage[];
  /** The first message, sent or still to come, that fits. Rejects after `timeoutMs`. */
  next(what: string, fits: (message: FeedMessage) => boolean, timeoutMs?: number): Promise<FeedMessage>;
  close(): void;
}

/** Opens the feed and subscribes; resolves after the server's hello. */
export async function openFeed(url: string, headers: Readonly<Record<string, string>>, topics: readonly string[]): Promise<FeedClient> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/feed`, { headers });
  const messages: FeedMessage[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    messages.push(FeedMessage.parse(JSON.parse(String(data))));
    for (const look of [...waiting]) look();
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.send(JSON.stringify({ kind: 'subscribe', topics }));
  const client: FeedClient = {
    messages,
    next: (what, fits, timeoutMs = 15_000) => new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`${what} did not come over the feed; it sent ${JSON.stringify(messages).slice(0, 2_000)}`));
      }, timeoutMs);
      const look = (): void => {
        const found = messages.find(fits);
        if (!found) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    }),
    close: () => socket.close(),
  };
  await client.next('hello', ({ kind }) => kind === 'hello');
  return client;
}
