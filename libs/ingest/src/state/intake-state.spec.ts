import { describe, expect, it } from '@jest/globals';
import type { EventContent } from '../validate/validate-event.js';
import { IntakeState } from './intake-state.js';
import { sameContent } from './same-content.js';

const event = (id: string, ts: number): EventContent => ({ kind: 'event', id, ts, type: 'payment', fields: {} });
const never = Number.MAX_SAFE_INTEGER;

describe('lateness', () => {
  it('takes an event one ms above the watermark in time and one at it as late', () => {
    const state = new IntakeState({ maxOutOfOrdernessMs: 60_000 });
    expect(state.place(event('a', 1_000_000), false, never)).toMatchObject({ status: 'accepted' });
    expect(state.watermark).toBe(939_999);
    expect(state.place(event('b', 940_000), false, never)).toMatchObject({ status: 'accepted', event: { ts: 940_000 } });
    expect(state.place(event('c', 939_999), false, never)).toMatchObject({ status: 'late', delayMs: 60_001, event: { late: true, ts: 939_999 } });
    expect(state.maxTs).toBe(1_000_000);
  });

  it('takes an event of the same ms as the largest in time even with no slack', () => {
    const state = new IntakeState({ maxOutOfOrdernessMs: 1, maxFutureMs: 0 });
    state.place(event('a', 1_000), false, never);
    expect(state.place(event('b', 1_000), false, never).status).toBe('accepted');
    expect(state.place(event('c', 998), false, never).status).toBe('late');
  });

  it('dates a late label to the largest ts so far and keeps what it stated', () => {
    const state = new IntakeState();
    state.place(event('a', 1_000_000), true, never);
    expect(state.place(event('l', 5), true, never)).toEqual({ status: 'accepted', event: { ...event('l', 1_000_000), statedTs: 5 } });
    expect(state.place(event('m', 990_000), true, never)).toEqual({ status: 'accepted', event: event('m', 990_000) });
  });

  it('refuses an event too far ahead of the clock and does not let it move time', () => {
    const state = new IntakeState({ maxFutureMs: 10_000 });
    expect(state.place(event('a', 110_000), false, 100_000).status).toBe('accepted');
    expect(state.place(event('b', 110_001), false, 100_000)).toEqual({ status: 'future', aheadMs: 10_001 });
    expect(state.maxTs).toBe(110_000);
  });

  it('refuses a setting under which one wrong date would make the rest late', () => {
    expect(() => new IntakeState({ maxFutureMs: 60_000, maxOutOfOrdernessMs: 60_000 })).toThrow('must be below');
  });
});

describe('memory of ids', () => {
  const accept = (state: IntakeState, id: string, ts: number, seq: number): void => {
    state.place(event(id, ts), false, never);
    state.record(id, seq);
  };

  it('knows an id until event time has moved on by the horizon', () => {
    const state = new IntakeState({ horizonMs: 1_000 });
    accept(state, 'a', 10_000, 1);
    accept(state, 'b', 10_999, 2);
    expect(state.candidates('a')).toEqual([1]);
    accept(state, 'c', 11_000, 3);
    expect(state.candidates('a')).toEqual([]);
    expect(state.candidates('b')).toEqual([2]);
  });

  it('keeps a late id as long as any other accepted at the same moment', () => {
    const state = new IntakeState({ horizonMs: 1_000, maxOutOfOrdernessMs: 100, maxFutureMs: 10 });
    accept(state, 'a', 10_000, 1);
    accept(state, 'late', 1, 2);
    accept(state, 'b', 10_999, 3);
    expect(state.candidates('late')).toEqual([2]);
  });

  it('forgets the oldest past its bound, and counts them', () => {
    const state = new IntakeState({ maxIds: 1_000 });
    for (let i = 1; i <= 2_500; i += 1) accept(state, `e${i}`, 10_000 + i, i);
    expect(state.ids).toEqual({ known: 1_000, forgottenEarly: 1_500 });
    expect(state.candidates('e1500')).toEqual([]);
    expect(state.candidates('e1501')).toEqual([1_501]);
  });

  it('refuses a snapshot that is damaged, cut, foreign or of another version, each by name', () => {
    const state = new IntakeState();
    accept(state, 'a', 10_000, 1);
    const bytes = state.snapshot();
    for (let i = 16; i < bytes.length; i += 1) {
      const flipped = Uint8Array.from(bytes);
      flipped[i] = (flipped[i] ?? 0) ^ 1;
      expect(IntakeState.restore(flipped)).toMatchObject({ ok: false, reason: 'damaged' });
    }
    expect(IntakeState.restore(bytes.subarray(0, 40))).toMatchObject({ ok: false, reason: 'damaged' });
    expect(IntakeState.restore(new Uint8Array(100))).toMatchObject({ ok: false, reason: 'not-a-snapshot' });
    const newer = Uint8Array.from(bytes);
    newer[8] = 9;
    expect(IntakeState.restore(newer)).toMatchObject({ ok: false, reason: 'other-version', message: 'the intake snapshot has version 9, this program reads 1' });
  });
});

describe('sameContent', () => {
  const one: EventContent = { kind: 'event', id: 'a', ts: 5, type: 'payment', fields: { x: '1', place: { lat: 1, lon: 2, x: 0, y: 0, z: 0 } }, extra: { n: [1, { a: null }] } };
  it('does not look at channel, seq, lateness or the order of members', () => {
    expect(sameContent(one, { ...one, seq: 7, channel: 'csv', late: true, fields: { place: { lat: 1, lon: 2, x: 0, y: 0, z: 0 }, x: '1' } })).toBe(true);
    expect(sameContent(one, { ...one, ts: 99, statedTs: 5 })).toBe(true);
  });
  it.each([
    { name: 'a field', other: { ...one, fields: { ...one.fields, x: '2' } } },
    { name: 'a field more', other: { ...one, fields: { ...one.fields, y: '2' } } },
    { name: 'the stated time', other: { ...one, ts: 6 } },
    { name: 'the type', other: { ...one, type: 'refund' } },
    { name: 'an unknown field', other: { ...one, extra: { n: [1, { a: 0 }] } } },
    { name: 'no unknown field', other: { kind: 'event' as const, id: 'a', ts: 5, type: 'payment', fields: one.fields } },
  ])('sees that $name differs', ({ other }) => { expect(sameContent(one, other)).toBe(false); });
});
