import { describe, expect, it } from '@jest/globals';
import { FeedMessage } from '@weir/contracts';
import { FeedHub, type FeedSocket } from './feed-hub.js';

/** A socket whose network takes nothing until it is told to. */
class TestSocket implements FeedSocket {
  readonly texts: string[] = [];
  buffered = 0;
  isStuck = false;
  send(text: string): void {
    this.texts.push(text);
    if (this.isStuck) this.buffered += text.length;
  }
  bufferedBytes(): number { return this.buffered; }
  messages(): readonly FeedMessage[] { return this.texts.map((text) => FeedMessage.parse(JSON.parse(text))); }
  kinds(): readonly string[] { return this.messages().map((message) => (message.kind === 'rules-changed' ? `rules ${message.release}` : message.kind)); }
}

const hubOf = (capacity = 5, bootId = 'boot'): FeedHub => new FeedHub({ bootId, now: () => 0, personal: () => ({ hides: () => false }), capacity, maxBufferedBytes: 300 });
const release = (n: number) => ({ kind: 'rules-changed', release: n }) as const;

describe('the feed hub', () => {
  it('greets with a cursor and sends what is subscribed, nothing else', () => {
    const hub = hubOf();
    const socket = new TestSocket();
    const client = hub.join(socket, false);
    hub.publish(release(1));
    client.subscribe(['rules'], undefined);
    hub.publish(release(2));
    client.subscribe(['alerts'], undefined);
    hub.publish(release(3));
    client.leave();
    expect(socket.kinds()).toEqual(['hello', 'rules 2']);
    expect(hub.stats()).toEqual({ clients: 0, gaps: 0 });
  });

  it('resumes after a cursor, without loss or repeat', () => {
    const hub = hubOf();
    for (let n = 1; n <= 4; n += 1) hub.publish(release(n));
    const socket = new TestSocket();
    hub.join(socket, false).subscribe(['rules'], 'boot:2');
    hub.publish(release(5));
    expect(socket.kinds()).toEqual(['hello', 'rules 3', 'rules 4', 'rules 5']);
  });

  it.each([
    { name: 'just reaches back', from: 'boot:2', kinds: ['hello', 'rules 3', 'rules 4', 'rules 5', 'rules 6', 'rules 7'] },
    { name: 'does not reach back any more', from: 'boot:1', kinds: ['hello', 'gap'] },
    { name: 'knows no such number', from: 'boot:99', kinds: ['hello', 'gap'] },
    { name: 'was started again', from: 'earlier:6', kinds: ['hello', 'gap'] },
    { name: 'is asked with nonsense', from: 'x', kinds: ['hello', 'gap'] },
    { name: 'has nothing new', from: 'boot:7', kinds: ['hello'] },
  ])('resumes or says gap when its memory $name', ({ from, kinds }) => {
    const hub = hubOf();
    for (let n = 1; n <= 7; n += 1) hub.publish(release(n));
    const socket = new TestSocket();
    hub.join(socket, false).subscribe(['rules'], from);
    expect(socket.kinds()).toEqual(kinds);
  });

  it('never queues for a slow socket: it gets one gap when its buffer is empty, then goes on', () => {
    const hub = hubOf(5);
    const slow = new TestSocket();
    const quick = new TestSocket();
    for (const socket of [slow, quick]) hub.join(socket, false).subscribe(['rules'], undefined);
    slow.isStuck = true;
    for (let n = 1; n <= 1_000; n += 1) hub.publish(release(n));
    expect(slow.buffered).toBeLessThan(400);
    expect(quick.texts).toHaveLength(1_001);
    const before = slow.texts.length;
    slow.isStuck = false;
    slow.buffered = 0;
    hub.publish(release(1_001));
    hub.publish(release(1_002));
    expect(slow.kinds().slice(before)).toEqual(['gap', 'rules 1001', 'rules 1002']);
    expect(hub.stats().gaps).toBe(1);
  });

  it('makes the text of a message once for all who get the same', () => {
    const hub = hubOf();
    const sockets = [new TestSocket(), new TestSocket()];
    for (const socket of sockets) hub.join(socket, false).subscribe(['rules'], undefined);
    hub.publish(release(1));
    expect(sockets[0]?.texts[1]).toBe(sockets[1]?.texts[1]);
  });
});
