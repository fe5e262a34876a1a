import { describe, expect, it } from '@jest/globals';
import type { ContributingEvent, ExplainedWindow, TriggerEvent } from '@weir/contracts';
import { mostMarks, positionOf, tickText, timelineOf } from './timeline-layout';

const event = (seq: number, ts: number, counted = true): ContributingEvent => ({ seq, id: `e${seq}`, type: 'payment', ts, counted, fields: { amount: String(seq) } });
const shown = (events: ContributingEvent[]): ExplainedWindow => ({ text: 'w', afterTs: 1_000, untilTs: 2_000, key: [], value: { type: 'int', text: '1' }, size: events.length, counted: 1, events });
const trigger: TriggerEvent = { seq: 9, id: 'e9', type: 'payment', ts: 2_000, fields: { amount: '9' }, late: false };
const amount = (fields: ContributingEvent['fields']): string => String(fields.amount);

it('puts the edges of the window at 0 and 1 and keeps everything inside', () => {
  const w = shown([]);
  expect([1_000, 1_500, 2_000, 0, 9_000].map((ts) => positionOf(ts, w))).toEqual([0, 0.5, 1, 0, 1]);
});

describe('marks', () => {
  it('shows the trigger once, as itself, though the window holds it too', () => {
    const t = timelineOf(shown([event(1, 1_200), event(2, 1_500, false), event(9, 2_000)]), trigger, amount, 0.05);
    expect(t.kind === 'marks' && t.marks.map((m) => [m.x, m.kind])).toEqual([[0.2, 'counted'], [0.5, 'hollow'], [1, 'trigger']]);
  });
  it('leaves out labels that would overlap, the newest first served', () => {
    const t = timelineOf(shown([event(1, 1_900), event(2, 1_960)]), trigger, amount, 0.05);
    expect(t.kind === 'marks' && t.marks.map((m) => m.label)).toEqual(['1', undefined, '9']);
  });
});

it('becomes a histogram past sixty events that loses none', () => {
  const t = timelineOf(shown(Array.from({ length: mostMarks + 1 }, (_, i) => event(i, 1_000 + i * 15, i % 2 === 0))), trigger, amount, 0.05);
  expect(t.kind).toBe('bars');
  if (t.kind === 'bars') expect(t.bars.reduce((sum, b) => sum + b.counted + b.hollow, 0)).toBe(mostMarks + 1);
});

it('writes ticks as fine as the span asks for', () => {
  const at = Date.UTC(2026, 0, 5, 13, 4, 9);
  expect([tickText(at, 60_000, 'utc'), tickText(at, 3_600_000, 'utc'), tickText(at, 86_400_000, 'utc'), tickText(at, 345_600_000, 'utc')]).toEqual(['13:04:09', '13:04', '01-05 13:04', '01-05']);
});
