import { describe, expect, it } from '@jest/globals';
import type { FieldValue, LogEvent } from '@weir/contracts';
import fc from 'fast-check';
import { createEngine } from './engine-embedded.js';
import { alertDifference, arbWorkload } from './testing/index.js';

/** How a line is written: what a scanner expects, and what must make it step back. */
const arbStyle = fc.record({ order: fc.constantFrom<'usual' | 'reversed' | 'ts last'>('usual', 'usual', 'reversed', 'ts last'), isSpaced: fc.boolean(), escapes: fc.boolean(), hasNull: fc.boolean(), endsLong: fc.boolean(), extra: fc.boolean() });
const arbStyles = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: arbStyle }), { minLength: 1, maxLength: 5 });

/** A line as channels send it: decimals as numbers, not as the log's texts. Numbers beyond 15 digits stay texts: JSON.parse would round them. */
function lineOf(event: LogEvent, decimals: ReadonlySet<string>, style: (typeof arbStyle extends fc.Arbitrary<infer S> ? S : never) | undefined): string {
  const isPlain = (value: FieldValue): boolean => typeof value === 'string' && value.length < 15;
  const values = Object.entries(event.fields).map(([name, value]): [string, string] => [name, decimals.has(name) && isPlain(value) ? String(value) : JSON.stringify(value)]);
  const parts: [string, string][] = [['id', JSON.stringify(event.id)], ['type', JSON.stringify(event.type)], ['ts', String(event.ts)], ...values];
  if (style?.order === 'reversed') parts.reverse();
  if (style?.order === 'ts last') parts.push(...parts.splice(2, 1));
  if (style?.hasNull === true) parts.push(['unheard_of', 'null']);
  if (style?.extra === true) parts.splice(2, 0, ['unheard_of_too', '"x"']);
  if (style?.escapes === true) parts.forEach(([name, value], i) => { if (value.startsWith('"')) parts[i] = [name, value.replace(/a/g, '\\u0061')]; });
  const text = `{${parts.map(([name, value]) => `"${name}":${style?.isSpaced === true ? ' ' : ''}${value}`).join(',')}}`;
  return style?.endsLong === true ? `${text}\r` : text;
}

function parserFor(events: ReadonlyMap<number, LogEvent>): (line: Uint8Array, seq: number) => LogEvent | undefined {
  return (line, seq) => {
    const parsed = JSON.parse(new TextDecoder().decode(line)) as { id: string };
    const event = events.get(seq);
    expect(event?.id).toBe(parsed.id);
    return event;
  };
}

describe('lines as bytes', () => {
  it('give the alerts that the same events give, whatever order of keys and spelling they come in', () => {
    fc.assert(fc.property(arbWorkload({ maxEntries: 60, kinds: ['when', 'when', 'sequence', 'window'] }), arbStyles, ({ definition, entries }, styles) => {
      // Lateness is decided from the bytes alone here, so restamped labels and heartbeats are left out.
      const events = entries.flatMap((entry) => (entry.kind === 'event' && entry.statedTs === undefined ? [entry] : []));
      let maxTs = 0;
      const sequenced = events.map((event, i): LogEvent => {
        const { late: _, ...rest } = event;
        const isLate = maxTs > 0 && event.ts <= maxTs - definition.options.maxOutOfOrdernessMs - 1;
        if (!isLate) maxTs = Math.max(maxTs, event.ts);
        return { ...rest, seq: i + 1, ...(isLate ? { late: true as const } : {}) };
      });
      const decimals = new Set(definition.schema.types.flatMap((type) => type.fields.filter((field) => field.type === 'decimal').map((field) => field.name)));
      const text = sequenced.map((event, i) => `${lineOf(event, decimals, styles[i % styles.length])}\n`).join('');
      const whole = createEngine(definition);
      const expected = [...sequenced.flatMap((event) => whole.apply(event)), ...whole.end()];
      for (const codegen of [true, false]) {
        const engine = createEngine({ ...definition, options: { ...definition.options, codegen } });
        const alerts = engine.applyLines(new TextEncoder().encode(text), 1, parserFor(new Map(sequenced.map(({ late: _, ...event }) => [event.seq, event]))));
        const difference = alertDifference([...alerts, ...engine.end()], expected);
        if (difference !== undefined) throw new Error(`${difference}\n${text}`);
      }
    }), { numRuns: 200 });
  });
});
