import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CommandError } from '../terminal/terminal.js';
import { EventSender } from './event-sender.js';

type Answerer = (lines: readonly string[], response: ServerResponse, request: IncomingMessage) => void;
let closeServer: () => void = () => undefined;

/** A server that answers each request by the next of the given answerers, the last one for ever. */
async function serverThat(...answerers: readonly Answerer[]): Promise<{ url: string; requests: string[][] }> {
  const requests: string[][] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += String(chunk); });
    request.on('end', () => {
      const lines = body.split('\n').filter((line) => line !== '');
      requests.push(lines);
      (answerers[requests.length - 1] ?? answerers.at(-1))?.(lines, response, request);
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  closeServer = () => { server.closeAllConnections(); server.close(); };
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, requests };
}

const accepts: Answerer = (lines, response) => {
  response.end(lines.map((line, i) => `${JSON.stringify({ status: 'accepted', id: line, seq: i + 1 })}\n`).join(''));
};

function sender(url: string, pauses: number[] = []): EventSender {
  return new EventSender({ url, key: 'k', maxRetries: 2, pauseMs: (ms) => { pauses.push(ms); return Promise.resolve(); } });
}

describe('the sender of events', () => {
  afterEach(() => closeServer());

  it('gives one answer per line, in order', async () => {
    const { url } = await serverThat(accepts);
    expect((await sender(url).send(['a', 'b', 'c'])).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('waits as long as a busy server says and sends the batch again', async () => {
    const { url, requests } = await serverThat((_, response) => { response.writeHead(429, { 'retry-after': '3' }).end(); }, accepts);
    const pauses: number[] = [];
    expect(await sender(url, pauses).send(['a', 'b'])).toHaveLength(2);
    expect(pauses).toEqual([3_000]);
    expect(requests).toEqual([['a', 'b'], ['a', 'b']]);
  });

  it('sends the batch again after the connection broke', async () => {
    const { url, requests } = await serverThat((_, response) => { response.destroy(); }, accepts);
    expect(await sender(url).send(['a'])).toHaveLength(1);
    expect(requests).toHaveLength(2);
  });

  it('goes on behind the events that were answered before the connection broke', async () => {
    const { url, requests } = await serverThat((lines, response) => {
      response.write(`${JSON.stringify({ status: 'accepted', id: lines[0], seq: 1 })}\n{"status":"acc`, () => setImmediate(() => response.destroy()));
    }, accepts);
    expect((await sender(url).send(['a', 'b', 'c'])).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(requests).toEqual([['a', 'b', 'c'], ['b', 'c']]);
  });

  it('gives up after its retries with a sentence', async () => {
    const { url } = await serverThat((_, response) => { response.destroy(); });
    await expect(sender(url).send(['a'])).rejects.toThrow(CommandError);
    await expect(sender(url).send(['a'])).rejects.toThrow(/does not answer/);
  });

  it('says what the server said when it refuses the request, and where the key comes from', async () => {
    const { url } = await serverThat((_, response) => {
      response.writeHead(401, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ type: 'about:blank', title: 'No session', status: 401, code: 'no-session' }));
    });
    await expect(sender(url).send(['a'])).rejects.toThrow('The server refused the events (401): No session. Is the API key right?');
  });

  it('names its source when it has one', async () => {
    const paths: (string | undefined)[] = [];
    const { url } = await serverThat((lines, response, request) => { paths.push(request.url); accepts(lines, response, request); });
    await sender(url).send(['a']);
    await new EventSender({ url, key: 'k', source: 'shop-3:eu' }).send(['a']);
    expect(paths).toEqual(['/v1/events', '/v1/events?source=shop-3%3Aeu']);
  });

  it('does not take fewer answers than events for success', async () => {
    const { url } = await serverThat((_, response) => { response.end(`${JSON.stringify({ status: 'accepted', id: 'a', seq: 1 })}\n`); });
    await expect(sender(url).send(['a', 'b'])).rejects.toThrow('answered 1 of 2 events');
  });
});
