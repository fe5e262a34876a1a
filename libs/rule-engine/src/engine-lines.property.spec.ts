import { describe, expect, it } from '@jest/globals';
import type { Alert, FieldValue, LogEvent } from '@weir/contracts';
import fc from 'fast-check';
import type { EngineDefinition, LineEngine } from './engine.js';
import { createEngine } from './engine-embedded.js';
import { createInterpreter } from './interpret/interpreter.js';
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

/** How the lines reach the engine: cut into calls after some lines each, decoded first, or event by event in between. */
const arbCalls = fc.array(fc.record({ lines: fc.integer({ min: 1, max: 40 }), by: fc.constantFrom<'lines' | 'decoded' | 'events'>('lines', 'lines', 'decoded', 'events') }), { minLength: 1, maxLength: 6 });
type Calls = typeof arbCalls extends fc.Arbitrary<infer C> ? C : never;

/** The events with seq from 1 and lateness as intake decides it. */
function sequenced(events: readonly LogEvent[], maxOutOfOrdernessMs: number): readonly LogEvent[] {
  let maxTs = 0;
  return events.map((event, i): LogEvent => {
    const { late: _, ...rest } = event;
    const isLate = maxTs > 0 && event.ts <= maxTs - maxOutOfOrdernessMs - 1;
    if (!isLate) maxTs = Math.max(maxTs, event.ts);
    return { ...rest, seq: i + 1, ...(isLate ? { late: true as const } : {}) };
  });
}

/** Plays the events' lines as the calls say, the last of them again and again, and ends the input. */
function play(engine: LineEngine, events: readonly LogEvent[], lines: readonly string[], calls: Calls): readonly Alert[] {
  const parse = parserFor(new Map(events.map(({ late: _, ...event }) => [event.seq, event])));
  const alerts: Alert[] = [];
  for (let from = 0, i = 0; from < events.length; i++) {
    const { lines: count, by } = calls[i % calls.length]!;
    const bytes = new TextEncoder().encode(lines.slice(from, from + count).join(''));
    if (by === 'lines') alerts.push(...engine.applyLines(bytes, from + 1, parse));
    else if (by === 'decoded') alerts.push(...engine.applyDecoded(engine.decodeLines(bytes, from + 1, parse)));
    else for (const event of events.slice(from, from + count)) alerts.push(...engine.apply(event));
    from += count;
  }
  return [...alerts, ...engine.end()];
}

describe('lines as bytes', () => {
  const arbKinds = { maxEntries: 60, kinds: ['when', 'when', 'sequence', 'window'] } as const;

  it('give the alerts that the same events give, whatever order of keys and spelling they come in', () => {
    fc.assert(fc.property(arbWorkload(arbKinds), arbStyles, arbCalls, ({ definition, entries }, styles, calls) => {
      // Lateness is decided from the bytes alone here, so restamped labels and heartbeats are left out.
      const events = sequenced(entries.flatMap((entry) => (entry.kind === 'event' && entry.statedTs === undefined ? [entry] : [])), definition.options.maxOutOfOrdernessMs);
      const decimals = decimalsOf(definition);
      const lines = events.map((event, i) => `${lineOf(event, decimals, styles[i % styles.length])}\n`);
      const whole = createEngine(definition);
      const expected = [...events.flatMap((event) => whole.apply(event)), ...whole.end()];
      for (const [codegen, way] of [[true, oneCall], [true, calls], [false, calls]] as const) {
        const difference = alertDifference(play(createEngine({ ...definition, options: { ...definition.options, codegen } }), events, lines, way), expected);
        if (difference !== undefined) throw new Error(`${difference}\n${lines.join('')}`);
      }
    }), { numRuns: 150 });
  });

  it('give the interpreter\'s alerts when they come in order of time, many at once', () => {
    fc.assert(fc.property(arbWorkload({ maxEntries: 300, kinds: ['when', 'when', 'when'] }), arbCalls, ({ definition: made, entries }, calls) => {
      const definition: EngineDefinition = { ...made, options: { ...made.options, evaluation: 'arrival' } };
      const inOrder = entries.flatMap((entry) => (entry.kind === 'event' && entry.statedTs === undefined ? [entry] : [])).sort((a, b) => a.ts - b.ts);
      const events = sequenced(inOrder, definition.options.maxOutOfOrdernessMs);
      const lines = events.map((event) => `${lineOf(event, decimalsOf(definition), undefined)}\n`);
      const judge = createInterpreter(definition);
      const expected = [...events.flatMap((event) => judge.apply(event)), ...judge.end()];
      const difference = alertDifference(play(createEngine(definition), events, lines, calls), expected);
      if (difference !== undefined) throw new Error(`${difference}\n${lines.join('')}`);
    }), { numRuns: 40 });
  });
});

const oneCall: Calls = [{ lines: 1_000, by: 'lines' }];

function decimalsOf({ schema }: EngineDefinition): ReadonlySet<string> {
  return new Set(schema.types.flatMap((type) => type.fields.filter((field) => field.type === 'decimal').map((field) => field.name)));
}
