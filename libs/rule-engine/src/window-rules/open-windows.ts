import type { LogEvent } from '@weir/contracts';
import type { RuleWindow, WindowRule } from '../interpret/window-rule.js';
import { byTimeAndSeq } from '../interpret/window-span.js';
import { keySeparator, keyText } from '../interpret/value.js';
import { Captures } from '../sequence/capture.js';
import type { PartedState } from '../sequence/capture.js';
import { DeadlineQueue } from '../sequence/deadline-queue.js';
import type { Due } from '../sequence/deadline-heap.js';

/** Events of one key that some window still to end holds, in (ts, seq) order. */
interface KeyEvents extends Due {
  readonly events: LogEvent[];
  /** Windows of the key up to this end are done. */
  done: number;
}

/** The events of one window rule's open windows, as plain data. */
export interface OpenWindowsState { readonly done: number; readonly events: readonly LogEvent[] }

/** The windows of one rule that have not ended: each event is held once, however many windows it lies in. */
export class OpenWindows {
  private readonly keys = new Map<string, KeyEvents>();
  private readonly captures = new Captures<KeyEvents, readonly LogEvent[]>(this.keys, (_, { events }) => [...events]);
  private readonly deadlines = new DeadlineQueue<KeyEvents>();
  /** Every window up to this end is done. */
  private done = 0;
  private size = 0;

  constructor(private readonly inForce: WindowRule) {}

  get eventCount(): number { return this.size; }

  /** No window ends before it. */
  get nextEnd(): number { return this.deadlines.next; }

  /** An event in time. Ignored when the rule does not look at its type or it lacks the key. */
  add(event: LogEvent): void {
    const { rule } = this.inForce;
    if (!rule.on.includes(event.type)) return;
    const texts = this.keyTextsOf(event);
    if (texts.length < rule.by.length) return;
    const key = texts.join(keySeparator);
    let held = this.keys.get(key);
    if (held !== undefined) this.captures.before(key, held);
    else {
      this.keys.set(key, (held = { key, dueAt: Infinity, events: [], done: this.done }));
      this.captures.added(held);
    }
    let at = held.events.length;
    while (at > 0 && byTimeAndSeq(held.events[at - 1] ?? event, event) > 0) at--;
    held.events.splice(at, 0, event);
    this.size++;
    this.deadlines.schedule(held, this.earliestEnd(event, held.done));
  }

  /** All events dated before `until` are in: the windows that end up to it, per key in order of their end. */
  close(until: number): readonly RuleWindow[] {
    const closed: RuleWindow[] = [];
    for (let entry = this.deadlines.takeUntil(until); entry !== undefined; entry = this.deadlines.takeUntil(until)) {
      const { at, due: held } = entry;
      const [first] = held.events;
      if (first === undefined) continue;
      this.captures.before(held.key, held);
      const next = this.nextOf(first, held);
      if (next.end === at) {
        closed.push({ inForce: this.inForce, start: next.start, end: next.end, keyTexts: this.keyTextsOf(first), events: held.events.slice(next.from, next.to) });
        held.done = next.end;
        this.forget(held);
      }
      const [left] = held.events;
      if (left === undefined) this.keys.delete(held.key);
      else this.deadlines.schedule(held, this.nextOf(left, held).end);
    }
    this.done = Math.max(this.done, until);
    return closed;
  }

  /** The same where no window ends up to it. */
  passed(until: number): void { this.done = Math.max(this.done, until); }

  /** All open windows as they are now. */
  state(): OpenWindowsState {
    const parts = this.capture();
    const whole = parts.next(Infinity);
    parts.end();
    return whole ?? { done: 0, events: [] };
  }

  /** All open windows as they are now, in parts that are asked for while they go on; each can be restored by itself, beside the others. */
  capture(): PartedState<OpenWindowsState> {
    const done = Number.isFinite(this.done) ? this.done : Number.MAX_SAFE_INTEGER;
    const capture = this.captures.begin();
    let isFirst = true;
    return {
      next: (most) => {
        const events: LogEvent[] = [];
        for (let one = capture.next(); one !== undefined; one = events.length < most ? capture.next() : undefined) for (const event of one) events.push(event);
        if (events.length === 0 && !isFirst) return undefined;
        isFirst = false;
        return { done, events };
      },
      end: () => capture.end(),
    };
  }

  /** Forgets all events. */
  clear(): void {
    for (const [key, held] of this.keys) {
      this.captures.before(key, held);
      this.deadlines.forget(held);
    }
    this.keys.clear();
    this.size = 0;
    this.done = 0;
  }

  restore({ done, events }: OpenWindowsState): void {
    this.done = done;
    for (const event of events) this.add(event);
  }

  private keyTextsOf({ fields }: LogEvent): readonly string[] {
    return this.inForce.rule.by.flatMap((name) => {
      const value = fields[name];
      return value === undefined ? [] : [keyText(value)];
    });
  }

  /** The first instant at which a window with the event may end. */
  private earliestEnd({ ts }: LogEvent, done: number): number {
    const { window } = this.inForce.rule.body;
    if (window.kind === 'session') return ts + window.gapMs;
    const everyMs = window.kind === 'hop' ? window.everyMs : window.sizeMs;
    return Math.max(Math.floor(ts / everyMs), Math.floor(done / everyMs)) * everyMs + everyMs;
  }

  /** The next window of a key to end: its bounds and which of the events lie in it. @param first the earliest event. */
  private nextOf(first: LogEvent, { events, done }: KeyEvents): { readonly start: number; readonly end: number; readonly from: number; readonly to: number } {
    const { window } = this.inForce.rule.body;
    let to = 1;
    if (window.kind === 'session') {
      let end = first.ts + window.gapMs;
      for (let event = events[to]; event !== undefined && event.ts < end; event = events[++to]) end = event.ts + window.gapMs;
      return { start: first.ts, end, from: 0, to };
    }
    const end = this.earliestEnd(first, done);
    const start = end - window.sizeMs;
    for (let event = events[to]; event !== undefined && event.ts < end; event = events[++to]);
    return { start, end, from: 0, to };
  }

  /** Drops the events that lie in no window still to end. */
  private forget(held: KeyEvents): void {
    const { window } = this.inForce.rule.body;
    let gone = 0;
    for (let event = held.events[gone]; event !== undefined && this.lastEnd(event, window) <= held.done; event = held.events[++gone]);
    held.events.splice(0, gone);
    this.size -= gone;
  }

  private lastEnd({ ts }: LogEvent, window: WindowRule['rule']['body']['window']): number {
    // A session that has ended holds all events before its end: what comes later is at or after it.
    if (window.kind === 'session') return ts + 1;
    return Math.floor(ts / (window.kind === 'hop' ? window.everyMs : window.sizeMs)) * (window.kind === 'hop' ? window.everyMs : window.sizeMs) + window.sizeMs;
  }
}
