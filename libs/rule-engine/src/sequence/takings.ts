import type { LogEvent } from '@weir/contracts';
import type { State } from '@weir/stream-core';
import type { EventEffects, EventTaking } from './event-effect.js';
import type { Taking } from './match-records.js';
import { compareChains } from './open-match.js';
import { deadlineAfter, isInTime } from './sequence-program.js';
import type { SequenceProgram } from './sequence-program.js';
import type { TakenChains } from './taken-chains.js';

/** What becomes of matches that take the event at hand, one for each state: of those that come to one state only the one with the later evidence is kept, for all have the same last event. */
export class Takings {
  private readonly taking: Taking[] = [];
  private takings = 0;
  /** The event at hand among the kept ones; 0 until a match takes it. */
  private keptEvent = 0;

  /** @param chains hold what is taken until {@link letGo}. */
  constructor(private readonly program: SequenceProgram, private readonly effects: EventEffects, private readonly chains: TakenChains) {}

  get count(): number { return this.takings; }
  /** @param i below the count. Valid until {@link letGo}. */
  at(i: number): Taking { return this.taking[i] as Taking; } // below the count

  /** A match begins with the event. */
  begin({ step, target }: EventTaking, event: LogEvent): void { this.link(step, target, 0, event.ts, event); }

  /** A match whose last link is `link` takes the event, if it is in time for it. @param firstTs of its first event, `lastTs` of its last: epoch ms. */
  goOn({ step, target }: EventTaking, event: LogEvent, link: number, firstTs: number, lastTs: number): void {
    if (isInTime(this.program, firstTs, lastTs, step, event.ts)) this.link(step, target, link, firstTs, event);
  }

  /** The one whose evidence is the later; both have just taken the same event. */
  later(known: Taking | undefined, match: Taking): Taking { return known === undefined || this.isLater(match.firstTs, match.link, known) ? match : known; }

  /** Of two chains: > 0 when the first is the later evidence, see `compareEvidence`. */
  compare(a: number, b: number): number {
    const { chains } = this;
    return chains.compareEvents(chains.firstOf(a), chains.firstOf(b)) || compareChains(chains, a, b);
  }

  /** The event is no longer at hand: what was noted of it has been placed or is forgotten. */
  letGo(): void {
    for (let i = 0; i < this.takings; i++) this.chains.release(this.at(i).link);
    this.takings = 0;
    if (this.keptEvent !== 0) this.chains.releaseEvent(this.keptEvent);
    this.keptEvent = 0;
  }

  private link(step: number, target: State<LogEvent>, before: number, firstTs: number, event: LogEvent): void {
    const { program, effects, chains } = this;
    if (this.keptEvent === 0) this.keptEvent = chains.keep(event);
    const link = chains.link(step, this.keptEvent, before);
    this.reach(target, link, firstTs, event.ts);
    const end = target.kind === 'final' || program.waits[target.id] === true ? undefined : effects.endFrom(target);
    if (end !== undefined) this.reach(end, link, firstTs, event.ts);
    chains.release(link);
  }

  private reach(state: State<LogEvent>, link: number, firstTs: number, ts: number): void {
    const { chains } = this;
    let place = 0;
    while (place < this.takings && this.at(place).state !== state) place++;
    const known = this.taking[place];
    if (place < this.takings && known !== undefined) {
      if (!this.isLater(firstTs, link, known)) return;
      chains.release(known.link);
    }
    chains.retain(link);
    const deadline = deadlineAfter(this.program, state, firstTs, ts);
    if (known === undefined) this.taking[place] = { state, link, firstTs, deadline };
    else {
      known.state = state;
      known.link = link;
      known.firstTs = firstTs;
      known.deadline = deadline;
    }
    if (place === this.takings) this.takings++;
  }

  private isLater(firstTs: number, link: number, known: Taking): boolean { return (firstTs - known.firstTs || this.compare(link, known.link)) > 0; }
}
