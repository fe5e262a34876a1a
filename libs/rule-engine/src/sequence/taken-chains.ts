// `as` behind an index: links and events are places that were given out.
import type { LogEvent } from '@weir/contracts';
import type { Room } from '@weir/stream-core';
import { Places, Records } from './columns.js';
import { LineEvent } from './line-event.js';
import type { EventLine } from './line-event.js';
import { LineStore } from './line-store.js';
import type { Chains, TakenLink } from './open-match.js';

/** Records of 8 words. `ts` and `seq` by their index among the doubles of one, the rest among its words. */
const shift = 3;
const ofLink = { ts: 0, step: 2, event: 3, before: 4, length: 5, holders: 6 } as const;
/** `lineAt`: address of the event's line, of `lineSize` bytes; 0: the event is among the objects. */
const ofEvent = { ts: 0, seq: 1, lineAt: 4, lineSize: 5, type: 6, holders: 7 } as const;

/**
 * Events that matches have taken and the chains of them, in records: what {@link TakenLink}s are, by number, outside of what a
 * collector walks over. Events that came as lines are kept as lines, others as they are.
 *
 * A link counts who holds it (matches and later links) and goes with the last of them; likewise an event. 0 is no link.
 */
export class TakenChains implements Chains<number> {
  private readonly linkRecords: Records;
  private readonly eventRecords: Records;
  private readonly links = new Places((capacity) => { this.linkRecords.reserve(capacity); });
  private readonly events = new Places((capacity) => { this.eventRecords.reserve(capacity); });
  private readonly objects: (LogEvent | undefined)[] = [];
  private readonly types: string[] = [];
  private readonly lines = new LineStore();
  /** Reads lines: that of the event kept last, for all read the same from a line. */
  private reader: EventLine | undefined;

  constructor(room: Room) {
    this.linkRecords = new Records(8, room);
    this.eventRecords = new Records(8, room);
  }

  /** Keeps an event. It goes unless a link takes it, once {@link releaseEvent} is called. */
  keep(event: LogEvent): number {
    const at = this.events.take();
    const { words, doubles } = this.eventRecords;
    const word = at << shift;
    doubles[(at << shift - 1) + ofEvent.ts] = event.ts;
    doubles[(at << shift - 1) + ofEvent.seq] = event.seq;
    words[word + ofEvent.holders] = 1;
    const kept = event instanceof LineEvent ? event.kept ?? event.line.bytes() : event;
    if (event instanceof LineEvent && kept instanceof Uint8Array) {
      this.reader = event.line;
      words[word + ofEvent.lineAt] = this.lines.keep(kept);
      words[word + ofEvent.lineSize] = kept.length;
      words[word + ofEvent.type] = this.typeOf(event.type);
    } else {
      words[word + ofEvent.lineAt] = 0;
      this.objects[at] = event;
    }
    return at;
  }

  releaseEvent(at: number): void {
    const { words } = this.eventRecords;
    const left = this.ofEvent(at, 'holders') - 1;
    words[(at << shift) + ofEvent.holders] = left;
    if (left > 0) return;
    const lineAt = this.ofEvent(at, 'lineAt');
    if (lineAt === 0) this.objects[at] = undefined; else this.lines.release(lineAt, this.ofEvent(at, 'lineSize'));
    this.events.give(at);
  }

  /** A new link, held once. @param before the chain that it prolongs; 0: it begins one. */
  link(step: number, event: number, before: number): number {
    const at = this.links.take();
    const { words, doubles } = this.linkRecords;
    const word = at << shift;
    doubles[(at << shift - 1) + ofLink.ts] = this.eventRecords.doubles[(event << shift - 1) + ofEvent.ts] as number;
    words[word + ofLink.step] = step;
    words[word + ofLink.event] = event;
    words[word + ofLink.before] = before;
    words[word + ofLink.length] = before === 0 ? 1 : this.lengthOf(before) + 1;
    words[word + ofLink.holders] = 1;
    this.eventRecords.words[(event << shift) + ofEvent.holders] = this.ofEvent(event, 'holders') + 1;
    if (before !== 0) this.retain(before);
    return at;
  }

  retain(link: number): void { this.linkRecords.words[(link << shift) + ofLink.holders] = this.ofLink(link, 'holders') + 1; }

  release(link: number): void {
    for (let at = link; at !== 0;) {
      const left = this.ofLink(at, 'holders') - 1;
      this.linkRecords.words[(at << shift) + ofLink.holders] = left;
      if (left > 0) return;
      const before = this.ofLink(at, 'before');
      this.releaseEvent(this.ofLink(at, 'event'));
      this.links.give(at);
      at = before;
    }
  }

  before(link: number): number | undefined {
    const before = this.ofLink(link, 'before');
    return before === 0 ? undefined : before;
  }
  lengthOf(link: number): number { return this.ofLink(link, 'length'); }
  stepOf(link: number): number { return this.ofLink(link, 'step'); }
  compareEvents(a: number, b: number): number { return this.tsOf(a) - this.tsOf(b) || this.seqOf(this.ofLink(a, 'event')) - this.seqOf(this.ofLink(b, 'event')); }
  /** Of the link's event. */
  tsOf(link: number): number { return this.linkRecords.doubles[(link << shift - 1) + ofLink.ts] as number; }

  /** The link that a chain begins with. */
  firstOf(link: number): number {
    let at = link;
    for (let before = this.ofLink(at, 'before'); before !== 0; before = this.ofLink(at, 'before')) at = before;
    return at;
  }

  /** A chain as objects, which stay what they are. @param known links and events of chains that share them, by number: filled. */
  taken(link: number, known: KnownTaken = { links: new Map(), events: new Map() }): TakenLink {
    const missing: number[] = [];
    let at: number | undefined = link;
    for (; at !== undefined && !known.links.has(at); at = this.before(at)) missing.push(at);
    let made = at === undefined ? undefined : known.links.get(at);
    for (let one = missing.pop(); one !== undefined; one = missing.pop()) {
      const place = this.ofLink(one, 'event');
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
    const lineAt = this.ofEvent(at, 'lineAt');
    const held = lineAt === 0 ? this.objects[at] : undefined;
    if (held !== undefined) return held;
    if (this.reader === undefined) throw new Error('an event that is no object came as a line');
    const ts = this.eventRecords.doubles[(at << shift - 1) + ofEvent.ts] as number;
    return new LineEvent(this.seqOf(at), ts, this.types[this.ofEvent(at, 'type')] ?? '', this.reader, this.lines.copyOf(lineAt, this.ofEvent(at, 'lineSize')));
  }

  private seqOf(event: number): number { return this.eventRecords.doubles[(event << shift - 1) + ofEvent.seq] as number; }
  private ofLink(link: number, name: keyof typeof ofLink): number { return this.linkRecords.words[(link << shift) + ofLink[name]] as number; }
  private ofEvent(event: number, name: keyof typeof ofEvent): number { return this.eventRecords.words[(event << shift) + ofEvent[name]] as number; }

  private typeOf(name: string): number {
    const known = this.types.indexOf(name);
    return known >= 0 ? known : this.types.push(name) - 1;
  }
}

/** What {@link TakenChains.taken} has made of places. */
export interface KnownTaken { readonly links: Map<number, TakenLink>; readonly events: Map<number, LogEvent> }
/** What {@link TakenChains.kept} has made of objects. */
export interface KnownKept { readonly links: Map<TakenLink, number>; readonly events: Map<LogEvent, number> }
