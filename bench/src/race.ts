import type { RunningProgram } from './rival-host.js';
import type { Traffic } from './workload/traffic.js';

/** How far a race goes: events before anything counts, then stretches that are measured, one after the other. */
export interface Course { readonly warmEvents: number; readonly rounds: number; readonly roundEvents: number }

export interface Racer { readonly name: string; readonly program: RunningProgram }
export interface RacerResult { readonly name: string; readonly nsPerEvent: readonly number[]; readonly memoryMb: number; /** Sorted, of all rounds. */ readonly alerts: readonly string[] }

const fillEvents = 20_000;

/**
 * Lets all racers take the same events: first the warm-up, side by side; then each stretch one racer after the other, in turns of
 * order, so that what disturbs the machine disturbs all alike.
 */
export async function race(racers: readonly Racer[], traffic: Traffic, { warmEvents, rounds, roundEvents }: Course, say: (text: string) => void): Promise<readonly RacerResult[]> {
  let busy: Promise<unknown> = Promise.resolve();
  for (let left = warmEvents; left > 0; left -= fillEvents) {
    const { bytes } = traffic.next(Math.min(fillEvents, left));
    await busy;
    busy = Promise.all(racers.map(({ program }) => program.fill(bytes)));
    busy.catch(() => undefined); // told by the next `await`
  }
  await busy;
  say(`${warmEvents.toLocaleString('en')} events are in`);
  const results = racers.map(({ name, program }) => ({ name, program, nsPerEvent: [] as number[], alerts: [] as string[], memoryMb: 0 }));
  for (let round = 0; round < rounds; round++) {
    const { bytes } = traffic.next(roundEvents);
    for (const one of round % 2 === 0 ? results : [...results].reverse()) {
      const { cpuNs, alerts, memoryMb } = await one.program.feed(bytes);
      one.nsPerEvent.push(cpuNs / roundEvents);
      for (const alert of alerts) one.alerts.push(alert);
      one.memoryMb = memoryMb;
    }
    say(`round ${round + 1}: ${results.map(({ name, nsPerEvent }) => `${name} ${Math.round(nsPerEvent.at(-1) ?? 0).toLocaleString('en')} ns`).join(', ')}`);
  }
  return results.map(({ name, nsPerEvent, alerts, memoryMb }) => ({ name, nsPerEvent, memoryMb, alerts: alerts.sort() }));
}
