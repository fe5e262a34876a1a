import type { Intake } from '@weir/pipeline';
import { createTraffic, type Traffic } from '@weir/demo-traffic';
import type { DemoPort } from '@weir/server';

/** Where live demo traffic goes, and how much of it. */
interface DemoOptions {
  readonly intake: Intake;
  /** True: nothing is sent now; what would have happened meanwhile never happens. */
  readonly isBusy: () => boolean;
  readonly ratePerSecond: number;
  readonly seed: string;
  readonly now: () => number;
  readonly onProblem: (error: unknown) => void;
}

const tickMs = 100;
/** After a longer pause (the machine slept, the demo was off) a new stream begins instead of making up for it. */
const longestGapMs = 10_000;

/**
 * Demo traffic in real time: what has happened since the last tick goes through the intake like anybody's events.
 * One batch at a time, so a slow disk slows the traffic down and nothing piles up.
 */
export function startDemo(options: DemoOptions): DemoPort & { stop(): Promise<void> } {
  let traffic: Traffic | undefined;
  let at = 0;
  let isRunning = true;
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    const now = options.now();
    if (traffic === undefined || now - at > longestGapMs) {
      traffic = createTraffic({ seed: options.seed, startTs: now, ratePerSecond: options.ratePerSecond });
    }
    at = now;
    const events = traffic.next(now);
    if (events.length === 0) return;
    await options.intake.acceptAll(events.map(({ event }, i) => ({ raw: new TextEncoder().encode(JSON.stringify(event)), position: `[${i}]` })), 'demo');
  }

  const ticking = setInterval(() => {
    if (!isRunning || sending || options.isBusy()) return;
    sending = send().catch(options.onProblem).finally(() => { sending = undefined; });
  }, tickMs);

  return {
    running: () => isRunning,
    set: (running) => {
      isRunning = running;
      return Promise.resolve();
    },
    stop: async () => {
      isRunning = false;
      clearInterval(ticking);
      await sending;
    },
  };
}
