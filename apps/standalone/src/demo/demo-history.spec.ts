import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import type { IngestAnswer } from '@weir/contracts';
import { eventValidator, readJson } from '@weir/ingest';
import type { Intake } from '@weir/pipeline';
import { parseSchema } from '@weir/rule-lang';
import { sendDemoHistory } from './demo-history.js';

describe('the demo history', () => {
  it('lies in the days before its end, in order, each event valid by the shipped schema', async () => {
    const { schema } = parseSchema(await readFile('rules/schema.yaml', 'utf8'), 'rules/schema.yaml');
    if (schema === undefined) throw new Error('the shipped schema parses');
    const validate = eventValidator(schema);
    const times: number[] = [];
    const refusals: unknown[] = [];
    const acceptAll = (items: Iterable<{ readonly raw: Uint8Array }>): Promise<readonly IngestAnswer[]> => Promise.resolve([...items].map(({ raw }): IngestAnswer => {
      const json = readJson(raw);
      const checked = json.ok ? validate(json.value) : json;
      if ('code' in checked) refusals.push(checked);
      else times.push(checked.event.ts);
      return { status: 'accepted', id: String(times.length), seq: times.length };
    }));
    const endTs = Date.parse('2026-11-21T10:00:00Z');
    const intake = { acceptAll } as unknown as Intake; // the one method that is called
    const sent = await sendDemoHistory({ intake, seed: 'test', days: 3, eventsPerDay: 400, endTs });
    expect(refusals).toEqual([]);
    expect(sent).toBe(times.length);
    expect(sent).toBeGreaterThan(600);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(endTs - 3 * 86_400_000);
    expect(times.at(-1)).toBeLessThan(endTs);
  });
});
