import type { LogEvent } from '@weir/contracts';
import { hashSeedOf } from '../engine-seed.js';
import type { EngineOptions, EngineRule } from '../engine.js';
import { buildWindowAlert } from '../explain/build-alert.js';
import { fires, startEvaluation } from '../interpret/evaluate.js';
import type { TimedAlert } from '../interpret/timed-alert.js';
import { evidenceForWindow, isWindowRule } from '../interpret/window-rule.js';
import type { WindowRule } from '../interpret/window-rule.js';
import { OpenWindows } from './open-windows.js';
import type { OpenWindowsState } from './open-windows.js';
import type { PartedState } from '../sequence/capture.js';

/** State of all window rules by rule id: plain data. */
export type WindowRulesState = Readonly<Record<string, OpenWindowsState>>;

/**
 * All window rules of the embedded engine. An event is held while one of its windows has not ended; `having` is evaluated
 * once per window, over its events, by the evaluator that also explains it. Cost: O(size / every) per event of a hop.
 */
export class WindowRules {
  private readonly open: readonly { readonly inForce: WindowRule; readonly windows: OpenWindows }[];
  private readonly types: ReadonlySet<string>;

  constructor(rules: readonly EngineRule[], private readonly options: EngineOptions) {
    const seed = hashSeedOf(options, rules);
    this.open = rules.filter(isWindowRule).map((inForce, i) => ({ inForce, windows: new OpenWindows(inForce, seed + i) }));
    this.types = new Set(this.open.flatMap(({ inForce }) => inForce.rule.on));
  }

  get isEmpty(): boolean { return this.open.length === 0; }
  get eventCount(): number { return this.open.reduce((sum, { windows }) => sum + windows.eventCount, 0); }

  looksAt(type: string): boolean { return this.types.has(type); }

  /** An event in time, as it is accepted: windows end by the watermark in both modes. */
  add(event: LogEvent): void { for (const { windows } of this.open) windows.add(event); }

  /** All events dated before `until` are in: the windows that end up to it and whose `having` is true. */
  advance(until: number, seq: number): readonly TimedAlert[] {
    if (!this.open.some(({ windows }) => windows.nextEnd <= until)) {
      for (const { windows } of this.open) windows.passed(until);
      return noAlerts;
    }
    return this.open.flatMap(({ inForce, windows }) => windows.close(until).flatMap((window) => {
      const evidence = evidenceForWindow(window, this.options.retentionMs);
      if (!fires(startEvaluation(inForce.rule, evidence))) return [];
      const { start, end, keyTexts } = window;
      return [{ instant: end, ruleId: inForce.rule.id, keyTexts, alert: buildWindowAlert({ inForce, start, end, seq, options: this.options, evidence }) }];
    }));
  }

  state(): WindowRulesState { return Object.fromEntries(this.open.map(({ inForce, windows }) => [inForce.rule.id, windows.state()])); }

  /** The same in parts, for each rule, while the windows go on. */
  capture(): readonly { readonly ruleId: string; readonly parts: PartedState<OpenWindowsState> }[] {
    return this.open.map(({ inForce, windows }) => ({ ruleId: inForce.rule.id, parts: windows.capture() }));
  }

  get ruleIds(): readonly string[] { return this.open.map(({ inForce }) => inForce.rule.id); }

  /** Forgets the open windows of a rule. */
  clear(ruleId: string): void { this.windowsOf(ruleId)?.clear(); }

  /** Takes a part of a rule's state in, beside those taken before. */
  restorePart(ruleId: string, part: OpenWindowsState): void { this.windowsOf(ruleId)?.restore(part); }

  private windowsOf(ruleId: string): OpenWindows | undefined { return this.open.find(({ inForce }) => inForce.rule.id === ruleId)?.windows; }

  restore(state: WindowRulesState): void {
    for (const { inForce, windows } of this.open) {
      const own = state[inForce.rule.id];
      if (own !== undefined) windows.restore(own);
    }
  }
}

const noAlerts: readonly never[] = [];
