import { describe, expect, it } from '@jest/globals';
import type { IngestAnswer } from '@weir/contracts';
import { IntakeFull, type Intake } from '../intake/create-intake.js';
import type { IntakeItem } from '../intake/intake-item.js';
import { EngineBehind, lagBoundIntake } from './lag-bound-intake.js';

const item = (position: string): IntakeItem => ({ raw: new Uint8Array(), position });

/** Answers each item with its position as id; only the methods that are used here. */
const intake = {
  async *accept(items: AsyncIterable<readonly IntakeItem[]> | Iterable<IntakeItem>): AsyncGenerator<readonly IngestAnswer[]> {
    const answer = (one: IntakeItem): IngestAnswer => ({ status: 'accepted', id: one.position, seq: 1 });
    if (Symbol.asyncIterator in items) for await (const batch of items) yield batch.map(answer);
    else yield [...items].map(answer);
  },
} as unknown as Intake; // as: a part of our own port

async function* stream(): AsyncGenerator<readonly IntakeItem[]> {
  yield await Promise.resolve([item('1')]);
  yield [item('2')];
}

describe('an intake bound by the lag of the engine', () => {
  it('refuses a request when the engine is too far behind', async () => {
    const bound = lagBoundIntake(intake, { lagEvents: () => 11, maxLagEvents: 10 });
    const next = bound.accept([item('1')], 'http', { whenFull: 'refuse' }).next();
    await expect(next).rejects.toThrow(EngineBehind);
    await expect(next).rejects.toThrow(IntakeFull);
    await expect(next).rejects.toThrow('11 events behind');
  });

  it('lets a request in at the bound', async () => {
    const bound = lagBoundIntake(intake, { lagEvents: () => 10, maxLagEvents: 10 });
    expect((await bound.accept([item('1')], 'http', { whenFull: 'refuse' }).next()).value).toHaveLength(1);
  });

  it('reads a stream no further until the engine has caught up', async () => {
    let asked = 0;
    const bound = lagBoundIntake(intake, { lagEvents: () => { asked += 1; return asked < 4 ? 11 : 0; }, maxLagEvents: 10 });
    const ids: string[] = [];
    for await (const answers of bound.accept(stream(), 'ndjson')) ids.push(...answers.map(({ id }) => id ?? ''));
    expect(ids).toEqual(['1', '2']);
    expect(asked).toBe(5);
  });
});
