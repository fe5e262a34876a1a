// `as` behind an index: links and events are places that were given out.
import type { LogEvent } from '@weir/contracts';
import { grown, Places } from './columns.js';
import { LineEvent } from './line-event.js';
import type { EventLine } from './line-event.js';
import { LineStore } from './line-store.js';
import type { Chains, TakenLink } from './open-match.js';

/**
 * Events that matches have taken and the chains of them, in columns: what {@link TakenLink}s are, by number, outside of what a
 * collector walks over. Events that came as lines are kept as lines, others as they are.
 *
 * A link counts who holds it (matches and later links) and goes with the last of them; likewise an event. 0 is no link.
 */
export class TakenChains implements Chains<number> {
  private readonly links = new Places((capacity) => { for (const name of linkColumns) this[name] = grown(this[name], capacity); });
  private readonly events = new Places((capacity) => {
    for (const name of eventColumns) this[name] = grown(this[name], capacity);
    this.ts = grown(this.ts, capacity);
    this.seq = grown(this.seq, capacity);
  });
  private step = new Int32Array(0);
  private event = new Int32Array(0);
  private previous = new Int32Array(0);
  private length = new Int32Array(0);
  private linkHolders = new Int32Array(0);
  private ts = new Float64Array(0);
  private seq = new Float64Array(0);
  /** Address and bytes of the event's line; address 0: it is among the objects. */
  private lineAt = new Int32Array(0);
  private lineSize = new Int32Array(0);
  private type = new Int32Array(0);
  private eventHolders = new Int32Array(0);
  private readonly objects: (LogEvent | undefined)[] = [];
  private readonly types: string[] = [];
  private readonly lines = new LineStore();
  /** Reads lines: that of the event kept last, for all read the same from a line. */
  private reader: EventLine | undefined;

  /** Keeps an event. It goes unless a link takes it, once {@link releaseEvent} is called. */
  keep(event: LogEvent): number {
    const at = this.events.take();
    this.ts[at] = event.ts;
    this.seq[at] = event.seq;
    this.eventHolders[at] = 1;
    const kept = event instanceof LineEvent ? event.kept ?? event.line.bytes() : event;
    if (event instanceof LineEvent && kept instanceof Uint8Array) {
      this.reader = event.line;
      this.lineAt[at] = this.lines.keep(kept);
      this.lineSize[at] = kept.length;
      this.type[at] = this.typeOf(event.type);
    } else {
      this.lineAt[at] = 0;
      this.objects[at] = event;
    }
    return at;
  }

  releaseEvent(at: number): void {
    const left = (this.eventHolders[at] as number) - 1;
    this.eventHolders[at] = left;
    if (left > 0) return;
    if (this.lineAt[at] === 0) this.objects[at] = undefined; else this.lines.release(this.lineAt[at] as number, this.lineSize[at] as number);
    this.events.give(at);
  }

  /** A new link, held once. @param before the chain that it prolongs; 0: it begins one. */
  link(step: number, event: number, before: number): number {
    const at = this.links.take();
    this.step[at] = step;
    this.event[at] = event;
    this.previous[at] = before;
    this.length[at] = before === 0 ? 1 : (this.length[before] as number) + 1;
    this.linkHolders[at] = 1;
    this.eventHolders[event] = (this.eventHolders[event] as number) + 1;
    if (before !== 0) this.retain(before);
    return at;
  }

  retain(link: number): void { this.linkHolders[link] = (this.linkHolders[link] as number) + 1; }

  release(link: number): void {
    for (let at = link; at !== 0;) {
      const left = (this.linkHolders[at] as number) - 1;
      this.linkHolders[at] = left;
      if (left > 0) return;
      const before = this.previous[at] as number;
      this.releaseEvent(this.event[at] as number);
      this.links.give(at);
      at = before;
    }
  }

  before(link: number): number | undefined { return this.previous[link] === 0 ? undefined : this.previous[link]; }
  lengthOf(link: number): number { return this.length[link] as number; }
  stepOf(link: number): number { return this.step[link] as number; }
  compareEvents(a: number, b: number): number {
    const [left, right] = [this.event[a] as number, this.event[b] as number];
    return (this.ts[left] as number) - (this.ts[right] as number) || (this.seq[left] as number) - (this.seq[right] as number);
  }
  tsOf(link: number): number { return this.ts[this.event[link] as number] as number; }

  /** The link that a chain begins with. */
  firstOf(link: number): number {
    let at = link;
    while (this.previous[at] !== 0) at = this.previous[at] as number;
    return at;
  }

  /** A chain as objects, which stay what they are. @param known links and events of chains that share them, by number: filled. */
  taken(link: number, known: KnownTaken = { links: new Map(), events: new Map() }): TakenLink {
    const missing: number[] = [];
    let at: number | undefined = link;
    for (; at !== undefined && !known.links.has(at); at = this.before(at)) missing.push(at);
    let made = at === undefined ? undefined : known.links.get(at);
    for (let one = missing.pop(); one !== undefined; one = missing.pop()) {
      const place = this.event[one] as number;
      const event = known.events.get(place) ?? this.logEvent(place);
      known.events.set(place, event);
      made = { step: this.stepOf(one), event, before: made, length: this.lengthOf(one) };
      known.links.set(one, made);
    }
    if (made === undefined) throw new RangeError('a link of a chain');
    return made;
  }

  /** The link of such an object, held once more. @param known numbers of links and events that were kept of chains that share them, each held by something: filled. */
  kept(taken: TakenLink, known: KnownKept): number {
    const missing: TakenLink[] = [];
    let one: TakenLink | undefined = taken;
    for (; one !== undefined && !known.links.has(one); one = one.before) missing.push(one);
    let link = one === undefined ? 0 : known.links.get(one) ?? 0;
    if (link !== 0) this.retain(link);
    for (let next = missing.pop(); next !== undefined; next = missing.pop()) {
      const held = known.events.get(next.event);
      const event = held ?? this.keep(next.event);
      known.events.set(next.event, event);
      const before = link;
      link = this.link(next.step, event, before);
      known.links.set(next, link);
      if (held === undefined) this.releaseEvent(event);
      if (before !== 0) this.release(before);
    }
    return link;
  }

  private logEvent(at: number): LogEvent {
    const held = this.objects[at];
    if (held !== undefined) return held;
    if (this.reader === undefined) throw new Error('an event that is no object came as a line');
    return new LineEvent(this.seq[at] as number, this.ts[at] as number, this.types[this.type[at] as number] ?? '', this.reader, this.lines.copyOf(this.lineAt[at] as number, this.lineSize[at] as number));
  }

  private typeOf(name: string): number {
    const known = this.types.indexOf(name);
    return known >= 0 ? known : this.types.push(name) - 1;
  }
}

/** What {@link TakenChains.taken} has made of places. */
export interface KnownTaken { readonly links: Map<number, TakenLink>; readonly events: Map<number, LogEvent> }
/** What {@link TakenChains.kept} has made of objects. */
export interface KnownKept { readonly links: Map<TakenLink, number>; readonly events: Map<LogEvent, number> }

const linkColumns = ['step', 'event', 'previous', 'length', 'linkHolders'] as const;
const eventColumns = ['lineAt', 'lineSize', 'type', 'eventHolders'] as const;
