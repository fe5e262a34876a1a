import type { IngestAnswer } from '@weir/contracts';
import type { EngineWorker, Intake } from '@weir/pipeline';
import type { IntakePort } from '@weir/server';

export interface IntakePortOptions {
  readonly intake: Intake;
  readonly engine: EngineWorker;
  /** Entries that may wait for the engine before senders have to. */
  readonly maxLagEvents: number;
}

const retryMs = 1_000;

/** The server's door to the intake. The bound on the engine's lag is what makes backpressure reach the sender. */
export function intakePort({ intake, engine, maxLagEvents }: IntakePortOptions): IntakePort {
  return {
    accept: (items, channel) => intake.acceptAll(items, channel),
    appendLabel: async ({ id, fields }): Promise<IngestAnswer> => {
      const [answer] = await intake.appendInternal([{ kind: 'event', id, type: 'label', fields: { ...fields }, channel: 'desk' }]);
      switch (answer?.status) {
        case 'appended': return { status: 'accepted', id, seq: answer.seq };
        case 'duplicate': return { status: 'duplicate', id, seq: answer.seq };
        case 'conflict': return { status: 'rejected', id, code: 'conflict', message: answer.message };
        default: throw new Error(`intake gave no answer for the label ${id}`);
      }
    },
    retryAfterMs: () => (intake.status().isFull || engine.stats().lagEvents > maxLagEvents ? retryMs : undefined),
  };
}
