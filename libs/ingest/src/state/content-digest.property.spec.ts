import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EventContent } from '../validate/validate-event.js';
import { contentDigest } from './content-digest.js';
import { sameContent } from './same-content.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 500);
const name = fc.constantFrom('a', 'b', 'c', 'ab', '');
const value = fc.oneof(fc.constantFrom('1', 'true', '', 'a', 'ab'), fc.constantFrom(0, 1, 12), fc.boolean(), fc.record({ lat: fc.constantFrom(1, 2), lon: fc.constantFrom(1, 2), x: fc.constant(0), y: fc.constant(0), z: fc.constant(0) }));
const extra = fc.dictionary(name, fc.oneof(fc.constantFrom(null, '1', 'a'), fc.array(fc.oneof(fc.constantFrom('1', null), fc.record({ a: fc.constantFrom('0', '1') })), { maxLength: 3 })), { maxKeys: 2 });
const arbEvent: fc.Arbitrary<EventContent> = fc.record({
  type: fc.constantFrom('payment', 'label'), ts: fc.constantFrom(1, 2), statedTs: fc.option(fc.constantFrom(1, 2), { nil: undefined }), fields: fc.dictionary(name, value, { maxKeys: 3 }), extra: fc.option(extra, { nil: undefined }),
}).map(({ statedTs, extra: more, ...rest }) => ({ kind: 'event', id: 'e', ...rest, ...(statedTs === undefined ? {} : { statedTs }), ...(more === undefined ? {} : { extra: more }) }) as EventContent); // as: shapes only, which nothing here reads further

const reversed = (record: object): object => Object.fromEntries(Object.entries(record).reverse());

describe('the digest of what an event says', () => {
  it('is equal exactly where the contents are the same', () => {
    fc.assert(fc.property(arbEvent, arbEvent, (one, other) => { expect(contentDigest(one) === contentDigest(other)).toBe(sameContent(one, other)); }), { numRuns: runs });
  });

  it.each<readonly [unknown, unknown]>([
    [1.5, '5.5'], [1.5, '1.5'], [true, 'urue'], [true, 'true'], [null, ''], [-1, 4_294_967_295], [-4_294_967_296, 4_294_967_296], [2 ** 64, 2 ** 65], [1e300, 1e299], [[], {}], [['a'], { 0: 'a' }],
  ])('tells %j from %j', (one, other) => {
    const saying = (said: unknown): EventContent => ({ kind: 'event', id: 'e', type: 'payment', ts: 1, fields: {}, extra: { said } }) as EventContent; // as: shapes only
    expect(contentDigest(saying(one))).not.toBe(contentDigest(saying(other)));
  });

  it('does not see channel, lateness or the order of members', () => {
    fc.assert(fc.property(arbEvent, (event) => {
      const other = { ...event, channel: 'csv', late: true as const, fields: reversed(event.fields) as EventContent['fields'] }; // as: the same members
      expect(contentDigest(other)).toBe(contentDigest(event));
    }), { numRuns: runs });
  });
});
