import { setTimeout as pause } from 'node:timers/promises';
import type { IngestAnswer } from '@weir/contracts';
import { IntakeFull, type AcceptOptions, type Intake, type IntakeItems } from '../intake/create-intake.js';
import type { IntakeItem } from '../intake/intake-item.js';

export interface LagBound {
  /** Entries of the log that the engine has not evaluated yet. */
  readonly lagEvents: () => number;
  readonly maxLagEvents: number;
}

/** The engine is too far behind: events are refused before they are read, and come again later. */
export class EngineBehind extends IntakeFull {
  constructor(lagEvents: number) {
    super(0);
    this.message = `the engine is ${lagEvents} events behind`;
  }
}

const lookAgainMs = 50;

/**
 * An intake that takes no more than the engine can follow: a request is refused, a stream is read no further, until the lag
 * is below its bound. So the log cannot run away from the engine, and the sender's socket is where the wait shows.
 * What the host itself appends (labels, rule sets) is never held back.
 */
export function lagBoundIntake(intake: Intake, bound: LagBound): Pick<Intake, 'accept' | 'acceptAll' | 'appendInternal'> {
  const refuseOrGate = (items: IntakeItems, options: AcceptOptions): IntakeItems => {
    if (options.whenFull === 'refuse' && bound.lagEvents() > bound.maxLagEvents) throw new EngineBehind(bound.lagEvents());
    return gated(items, bound);
  };
  return {
    async *accept(items: IntakeItems, channel: string, options: AcceptOptions = {}): AsyncGenerator<readonly IngestAnswer[]> {
      yield* intake.accept(refuseOrGate(items, options), channel, options);
    },
    acceptAll: async (items, channel, options = {}) => intake.acceptAll(refuseOrGate(items, options), channel, options),
    appendInternal: (entries) => intake.appendInternal(entries),
  };
}

/** A bounded request that was let in goes on; a stream stops between two batches. */
function gated(items: IntakeItems, bound: LagBound): IntakeItems {
  return Symbol.asyncIterator in items ? gatedStream(items, bound) : items;
}

async function* gatedStream(items: AsyncIterable<readonly IntakeItem[]>, { lagEvents, maxLagEvents }: LagBound): AsyncGenerator<readonly IntakeItem[]> {
  for await (const batch of items) {
    while (lagEvents() > maxLagEvents) await pause(lookAgainMs);
    yield batch;
  }
}
