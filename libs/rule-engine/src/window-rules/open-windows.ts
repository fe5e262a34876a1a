import type { LogEvent } from '@weir/contracts';
import type { RuleWindow, WindowRule } from '../interpret/window-rule.js';
import { byTimeAndSeq } from '../interpret/window-span.js';
import { keySeparator, keyText } from '../interpret/value.js';
import { Captures } from '../sequence/capture.js';
import type { PartedState } from '../sequence/capture.js';
import { DeadlineQueue } from '../sequence/deadline-queue.js';
import { KeySlots, noSlot } from '../sequence/key-slots.js';

/** Events of one key that some window still to end holds, in (ts, seq) order. */
interface KeyEvents {
  readonly events: LogEvent[];
  /** Windows of the key up to this end are done. */
  done: number;
}

/** The events of one window rule's open windows, as plain data. */
export interface OpenWindowsState { readonly done: number; readonly events: readonly LogEvent[] }

/** The windows of one rule that have not ended: each event is held once, however many windows it lies in. */
export class OpenWindows {
  private readonly slots: KeySlots;
  /** By slot. */
  private readonly held: (KeyEvents | undefined)[] = [];
  private readonly captures: Captures<readonly LogEvent[]>;
  private readonly deadlines = new DeadlineQueue();
  /** Every window up to this end is done. */
  private done = 0;
  private size = 0;

  /** @param seed of the hashes of keys; no window depends on it. */
  constructor(private readonly inForce: WindowRule, seed = 0) {
    const slots = this.slots = new KeySlots(seed);
    this.captures = new Captures<readonly LogEvent[]>({ get capacity() { return slots.capacity; }, store: (slot) => this.held[slot]?.events.slice() });
  }

  get eventCount(): number { return this.size; }

  /** No window ends before it. */
  get nextEnd(): number { return this.deadlines.next; }

  /** An event in time. Ignored when the rule does not look at its type or it lacks the key. */
  add(event: LogEvent): void {
    const { rule } = this.inForce;
    if (!rule.on.includes(event.type)) return;
    const texts = this.keyTextsOf(event);
    if (texts.length < rule.by.length) return;
    const key = this.slots.bytesOf(texts.join(keySeparator));
    const known = this.slots.find(key);
    const slot = known === noSlot ? this.slots.add(key) : known;
    if (known === noSlot) this.captures.added(slot); else this.captures.before(slot);
    const held = this.held[slot] ??= { events: [], done: this.done };
    let at = held.events.length;
    while (at > 0 && byTimeAndSeq(held.events[at - 1] ?? event, event) > 0) at--;
    held.events.splice(at, 0, event);
    this.size++;
    this.deadlines.schedule(slot, this.earliestEnd(event, held.done));
  }

  /** All events dated before `until` are in: the windows that end up to it, per key in order of their end. */
  close(until: number): readonly RuleWindow[] {
    const closed: RuleWindow[] = [];
    for (let at = this.deadlines.dueUntil(until); at !== undefined; at = this.deadlines.dueUntil(until)) {
      const slot = this.deadlines.take();
      const held = this.held[slot];
      const first = held?.events[0];
      if (held === undefined || first === undefined) continue;
      this.captures.before(slot);
      const next = this.nextOf(first, held);
      if (next.end === at) {
        closed.push({ inForce: this.inForce, start: next.start, end: next.end, keyTexts: this.keyTextsOf(first), events: held.events.slice(next.from, next.to) });
        held.done = next.end;
        this.forget(held);
      }
      const [left] = held.events;
      if (left === undefined) this.remove(slot); else this.deadlines.schedule(slot, this.nextOf(left, held).end);
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
    for (let slot = noSlot + 1; slot < this.slots.capacity; slot++) {
      if (this.held[slot] === undefined) continue;
      this.captures.before(slot);
      this.deadlines.forget(slot);
      this.remove(slot);
    }
    this.size = 0;
    this.done = 0;
  }

  restore({ done, events }: OpenWindowsState): void {
    this.done = done;
    for (const event of events) this.add(event);
  }

  private remove(slot: number): void {
    this.held[slot] = undefined;
    this.slots.remove(slot);
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
