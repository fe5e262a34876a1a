import type { WindowSpan } from '@weir/rule-lang';
import { startReader } from './zone-clock.js';

/** What a cursor follows: at time t everything dated at or before `at(t)` has been passed. Never falls while t does not. */
export interface Bound {
  /** Equal names, equal bounds. */
  readonly name: string;
  /** t - lagMs, for all but calendar windows: spelled out, it needs no call. */
  readonly lagMs: number | undefined;
  at(t: number): number;
}

/** The bound `ms` behind the time. */
export function lag(ms: number): Bound { return { name: `${ms}`, lagMs: ms, at: (t) => t - ms }; }

/** Where events leave a kept window: its open lower end. */
export function leaveBound(span: WindowSpan): Bound {
  switch (span.kind) {
    case 'last': case 'before': return lag(span.ms);
    case 'between': return lag(span.fromMs);
    case 'since': {
      const start = startReader(span.unit, span.zone);
      return { name: `${span.unit} ${span.zone}`, lagMs: undefined, at: (t) => start(t) - 1 };
    }
    case 'lastEvents': case 'rule': throw new TypeError(`windows of span ${span.kind} are not kept`);
  }
}

/** When events enter a kept window: with their arrival, after their own evaluation, or when they are `delayMs` old. */
export function entryOf(span: WindowSpan): { readonly when: 'arrival' | 'after' | 'delayed'; readonly delayMs: number } {
  if (span.kind === 'before') return { when: 'after', delayMs: 0 };
  return span.kind === 'between' && span.toMs > 0 ? { when: 'delayed', delayMs: span.toMs } : { when: 'arrival', delayMs: 0 };
}

/** The closed upper end of a kept window for a triggering event at t. */
export function upperEnd(span: WindowSpan, t: number): number { return span.kind === 'between' ? t - span.toMs : t; }
