import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { engineByBytes, engineByEntry, interpreter, naive } from './contenders.js';
import type { MakeContender } from './contenders.js';
import { cpuNs } from './measure.js';
import { benchDefinition } from './workload/definition.js';
import { PaymentStream, usualShape } from './workload/payments.js';

/** Contenders that run in a process of their own, so that no one's garbage is charged to another. */
export const contenderNames = ['engine', 'engineByEntry', 'oracle', 'naive'] as const;
export type ContenderName = (typeof contenderNames)[number];

const makers: Readonly<Record<ContenderName, () => MakeContender>> = {
  engine: () => engineByBytes(benchDefinition()),
  engineByEntry: () => engineByEntry(benchDefinition()),
  oracle: () => interpreter(benchDefinition()),
  naive: () => naive,
};

/** What a stretch of the stream cost and found. */
export interface Stretch { readonly nsPerEvent: number; readonly alerts: readonly string[]; readonly memoryMb: number }

export interface ContenderProcess {
  /** Takes the next events of the seeded stream; all processes see the same ones. */
  feed(events: number): Promise<Stretch>;
  close(): void;
}

export function startContender(name: ContenderName): ContenderProcess {
  const child = fork(fileURLToPath(import.meta.url), [name], { execArgv: ['--max-old-space-size=8192'] });
  return {
    feed: async (events) => {
      child.send({ events });
      const [stretch] = (await once(child, 'message')) as [Stretch]; // sent by `serve` below
      return stretch;
    },
    close: () => { child.disconnect(); },
  };
}

/** The child's side: answers each request with a stretch until the parent disconnects. */
function serve(name: ContenderName): void {
  const contender = makers[name]()();
  const stream = new PaymentStream(usualShape);
  process.on('message', ({ events }: { events: number }) => {
    const lines = stream.lines(events);
    const ns = cpuNs(() => contender.feed(lines));
    const stretch: Stretch = { nsPerEvent: ns / events, alerts: contender.takeAlerts(), memoryMb: Math.round(process.memoryUsage().rss / 2 ** 20) };
    process.send?.(stretch);
  });
}

const asked = contenderNames.find((name) => name === process.argv[2]);
if (process.send !== undefined && asked !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) serve(asked);
