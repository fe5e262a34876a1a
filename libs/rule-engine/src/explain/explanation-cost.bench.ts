/**
 * What readiness to explain costs while nothing fires: CPU time of an engine with `evidence: 'full'` against one with `'none'` over
 * the same stream, in interleaved rounds. `node libs/rule-engine/dist/explain/explanation-cost.bench.js [events] [rounds]`.
 */
import type { LogEvent } from '@weir/contracts';
import { compileRule, parseSchema } from '@weir/rule-lang';
import type { TypedRule } from '@weir/rule-lang';
import { createEngine } from '../engine-embedded.js';
import { defaultEngineOptions } from '../engine.js';
import type { EngineOptions } from '../engine.js';

const [events = 300_000, rounds = 9] = process.argv.slice(2).map(Number);
const { schema } = parseSchema('version: 1\nevents:\n  payment:\n    card_id: { type: string }\n    device_id: { type: string }\n    merchant_id: { type: string }\n    amount: { type: decimal, scale: 2 }\n    currency: { type: string }\n    country: { type: string }\n    declined: { type: bool }\n    channel: { type: string }\n', 'schema.yaml');
if (schema === undefined) throw new Error('the schema reads');

/** Ten rules over several windows that never come near their thresholds. */
const rules = ['card_id', 'device_id', 'merchant_id'].flatMap((by) => ['1m', '5m', '15m'].map((span) => `last("${span}").count() > 1000000 && last("${span}").sum(amount) > 100.00 && by == "${by}"`.replace(` && by == "${by}"`, '')).map((when) => ({ by, when })))
  .concat([{ by: 'card_id', when: 'amount > 3 * before("15m").avg(amount) && before("15m").count() >= 1000000' }])
  .map(({ by, when }, i): TypedRule => {
    const { rule, diagnostics } = compileRule(`rule: r${i}\ntitle: T\ndescription: D\nowner: o\non: payment\nby: ${by}\nseverity: low\nscore: 1\naction: none\nwhen: ${when}\n`, `r${i}.yaml`, { schema });
    if (rule === undefined) throw new Error(JSON.stringify(diagnostics));
    return rule;
  });

let state = 20_260_105;
function draw(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return state % below;
}
const startTs = Date.parse('2026-01-05T00:00:00Z');
const stream = Array.from({ length: events }, (_, i): LogEvent => ({
  kind: 'event', seq: i + 1, ts: startTs + i, id: `payment-${i}`, type: 'payment',
  fields: { card_id: `card-${draw(100_000)}`, device_id: `device-${draw(80_000)}`, merchant_id: `merchant-${draw(5_000)}`, amount: `${draw(500)}.25`, currency: 'EUR', country: 'GB', declined: draw(20) === 0, channel: 'ecom' },
}));
const encoder = new TextEncoder();
const lines = Array.from({ length: Math.ceil(events / 1_000) }, (_, i) => encoder.encode(stream.slice(i * 1_000, (i + 1) * 1_000).map(({ seq: _seq, kind: _kind, fields, ...head }) => `${JSON.stringify({ ...head, ...fields, amount: Number(fields['amount']) })}\n`).join('')));
const decoder = new TextDecoder();

/** CPU time of the process, ns for each event. */
function run(way: 'objects' | 'lines', options: Partial<EngineOptions>): number {
  if (schema === undefined) return NaN;
  const engine = createEngine({ schema, rules: rules.map((rule) => ({ rule, mode: 'live' })), options: { ...defaultEngineOptions, maxOutOfOrdernessMs: 0, retentionMs: 900_000, ...options } });
  globalThis.gc?.();
  const before = process.cpuUsage();
  let alerts = 0;
  if (way === 'objects') for (const event of stream) alerts += engine.apply(event).length;
  else for (const [i, chunk] of lines.entries()) alerts += engine.applyLines(chunk, i * 1_000 + 1, (line, seq) => ({ ...(JSON.parse(decoder.decode(line)) as LogEvent), kind: 'event', seq, fields: stream[seq - 1]?.fields ?? {} })).length; // as: the line was written above
  const { user, system } = process.cpuUsage(before);
  if (alerts > 0) throw new Error(`${alerts} alerts: nothing may fire here`);
  return ((user + system) * 1_000) / events;
}

/** As a host does that can read its log again. */
const readEvent = (seq: number): LogEvent | undefined => stream[seq - 1];
const kinds = { none: { evidence: 'none' }, full: { evidence: 'full', readEvent }, kept: { evidence: 'full' } } as const satisfies Record<string, Partial<EngineOptions>>;
const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[(values.length - 1) >> 1] ?? NaN;

for (const way of ['objects', 'lines'] as const) {
  const seen: Record<keyof typeof kinds, number[]> = { none: [], full: [], kept: [] };
  for (let round = -1; round < rounds; round += 1) {
    const order = (['none', 'full', 'kept'] as const).map((_, i, all) => all[(i + round + 3) % 3] ?? 'none');
    for (const kind of order) {
      const ns = run(way, kinds[kind]);
      if (round >= 0) seen[kind].push(ns); // the first round warms up
    }
  }
  const ratio = (kind: 'full' | 'kept'): string => `${((middle(seen[kind].map((ns, i) => ns / (seen.none[i] ?? NaN))) - 1) * 100).toFixed(1)} %`;
  process.stdout.write(`${JSON.stringify({ way, events, rounds, nsPerEvent: Object.fromEntries(Object.entries(seen).map(([kind, all]) => [kind, Math.round(middle(all))])), costOfExplanation: ratio('full'), costWhenKeptInMemory: ratio('kept') })}\n`);
}
