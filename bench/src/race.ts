import { startProgram } from './rival-host.js';
import type { Program, RunningProgram } from './rival-host.js';
import { eventsThatMatter } from './workload/key-set.js';
import { Traffic } from './workload/traffic.js';
import type { TrafficShape } from './workload/traffic-shape.js';

/** How far a race goes: events before anything counts; events that judges look at too, unmeasured; then measured stretches. */
export interface Course {
  readonly warmEvents: number;
  readonly judgedEvents: number;
  readonly rounds: number;
  readonly roundEvents: number;
  /** Judges take the measured stretches too; what they take is not measured. */
  readonly judgesAll: boolean;
}

/** Who takes part: a program, and of which traffic. */
export interface Entrant {
  readonly name: string;
  readonly program: Program;
  readonly shape: TrafficShape;
  /** Before the measured events it takes only those that share a key with one of them: for programs to which all would be too many. */
  readonly isThinned?: boolean;
  /** Says what is right, as far as the course lets it. */
  readonly isJudge?: boolean;
}

export interface Result {
  readonly name: string;
  readonly shape: TrafficShape;
  readonly isJudge: boolean;
  readonly nsPerEvent: readonly number[];
  readonly memoryMb: number;
  /** Sorted, by stretch: the judged one, then the measured ones. */
  readonly alerts: readonly (readonly string[])[];
}

interface Racer extends Entrant { readonly running: RunningProgram; readonly nsPerEvent: number[]; readonly alerts: string[][]; memoryMb: number }
/** The racers of one traffic. */
interface Lane { readonly shape: TrafficShape; readonly racers: readonly Racer[]; readonly traffic: Traffic }

const fillEvents = 20_000;

/**
 * Lets all entrants take their traffic: first the warm-up, side by side; then each stretch one after the other, in turns of order, so that
 * what disturbs the machine disturbs all alike.
 * @param after called with the programs still running, in the state after the last stretch, and what comes next of their traffic.
 */
export async function race(entrants: readonly Entrant[], course: Course, say: (text: string) => void, after?: (programs: ReadonlyMap<string, RunningProgram>, traffic: Traffic) => Promise<void>): Promise<readonly Result[]> {
  const racers: Racer[] = [];
  try {
    for (const entrant of entrants) racers.push({ ...entrant, running: await startProgram(entrant.program), nsPerEvent: [], alerts: [], memoryMb: 0 });
    const lanes = [...new Set(racers.map(({ shape }) => shape))].map((shape): Lane => ({ shape, racers: racers.filter((one) => one.shape === shape), traffic: new Traffic(shape) }));
    await warmUp(lanes, course);
    say(`  ${course.warmEvents.toLocaleString('en')} events are in`);
    if (course.judgedEvents > 0) for (const lane of lanes) for (const racer of lane.racers) racer.alerts.push([]);
    if (course.judgedEvents > 0) for (const { racers: own, traffic } of lanes) await stretch(own, traffic.next(course.judgedEvents).bytes, 0);
    const toJudge: { readonly judges: readonly Racer[]; readonly bytes: Uint8Array }[] = [];
    for (let round = 0; round < course.rounds; round++) {
      for (const { racers: own, traffic } of round % 2 === 0 ? lanes : [...lanes].reverse()) {
        const { bytes } = traffic.next(course.roundEvents);
        const running = own.filter((one) => one.isJudge !== true);
        for (const racer of running) racer.alerts.push([]);
        await stretch(round % 2 === 0 ? running : [...running].reverse(), bytes, course.roundEvents);
        if (course.judgesAll) toJudge.push({ judges: own.filter((one) => one.isJudge === true), bytes: bytes.slice() });
      }
      say(`  round ${round + 1} of ${course.rounds}`); // no figures: the alerts have not been compared yet
    }
    const [first] = lanes;
    if (first !== undefined) await after?.(new Map(racers.map(({ name, running }) => [name, running])), first.traffic);
    // Judges take minutes. They come last, for a host takes the memory of who lies idle so long, and the next stretch would pay for its return.
    for (const { judges, bytes } of toJudge) {
      for (const judge of judges) judge.alerts.push([]);
      await stretch(judges, bytes, course.roundEvents);
    }
    if (toJudge.some(({ judges }) => judges.length > 0)) say('  the judge has looked at all rounds');
  } finally {
    await Promise.all(racers.map(({ running }) => running.close()));
  }
  return racers.map(({ name, shape, isJudge = false, nsPerEvent, memoryMb, alerts }) => ({ name, shape, isJudge, nsPerEvent, memoryMb, alerts: alerts.map((some) => some.sort()) }));
}

/** A stretch of lines, one racer after the other; measured when it is of `measuredEvents`, not of none. */
async function stretch(racers: readonly Racer[], bytes: Uint8Array, measuredEvents: number): Promise<void> {
  for (const racer of racers) {
    const { cpuNs, alerts, memoryMb } = await racer.running.feed(bytes);
    if (measuredEvents > 0 && racer.isJudge !== true) racer.nsPerEvent.push(cpuNs / measuredEvents);
    racer.alerts[racer.alerts.length - 1] = [...alerts];
    racer.memoryMb = memoryMb;
  }
}

async function warmUp(lanes: readonly Lane[], { warmEvents, judgedEvents, rounds, roundEvents, judgesAll }: Course): Promise<void> {
  const keeps = lanes.map(({ shape, racers }) => {
    const thinned = racers.filter(({ isThinned }) => isThinned === true);
    const seesAll = judgesAll || thinned.some(({ isJudge }) => isJudge !== true);
    return thinned.length === 0 ? undefined : eventsThatMatter(shape, warmEvents, judgedEvents + (seesAll ? rounds * roundEvents : 0));
  });
  let busy: Promise<unknown> = Promise.resolve();
  for (let left = warmEvents; left > 0; left -= fillEvents) {
    const chunks = lanes.map(({ traffic }, i) => traffic.next(Math.min(fillEvents, left), keeps[i]));
    await busy;
    busy = Promise.all(lanes.flatMap(({ racers }, i) => racers.map(({ running, isThinned }) => running.fill((isThinned === true ? chunks[i]?.kept : chunks[i]?.bytes) ?? new Uint8Array()))));
    busy.catch(() => undefined); // told by the next `await`
  }
  await busy;
}
