import type { Template, ValueKind } from './line-scanner.js';

/** Bytes to find, then a value to read. Quotes of a string value belong to the bytes before and behind it. */
export interface ScanStep { readonly literal: Uint8Array; readonly kind: Exclude<ValueKind, 'type'>; readonly slot: number; readonly scale: number }
/** Bytes that close a line, up to its brace, and what the row then is. */
export interface ScanEnd { readonly literal: Uint8Array; readonly type: number; readonly slots: readonly number[] }
/** What may come at one point of a line: the alternatives, tried in this order. */
export interface ScanBranch { readonly steps: readonly { readonly step: ScanStep; readonly then: ScanBranch }[]; readonly ends: readonly ScanEnd[] }

interface Chain { readonly steps: readonly ScanStep[]; readonly end: ScanEnd }
const quote = 34;
const brace = 125;

/** Templates as one tree: what their lines begin with alike is read once. */
export function planScan(templates: readonly Template[]): ScanBranch { return branch(templates.map(chainOf), 0); }

function branch(chains: readonly Chain[], depth: number): ScanBranch {
  const groups = new Map<string, Chain[]>();
  for (const chain of chains) {
    const step = chain.steps[depth];
    if (step === undefined) continue;
    const key = `${step.kind} ${step.slot} ${step.scale} ${step.literal.join()}`;
    groups.set(key, [...(groups.get(key) ?? []), chain]);
  }
  const steps = [...groups.values()].flatMap((group) => {
    const step = group[0]?.steps[depth];
    return step === undefined ? [] : [{ step, then: branch(group, depth + 1) }];
  });
  return { steps, ends: chains.flatMap(({ steps, end }) => (steps.length === depth ? [end] : [])) };
}

function chainOf({ type, parts, slots }: Template): Chain {
  const steps: ScanStep[] = [];
  let literal: number[] = [];
  for (const { literal: head, kind, slot, scale } of parts) {
    literal.push(...head);
    if (kind === 'type') continue;
    const isText = kind === 'id' || kind === 'text' || kind === 'skipText';
    steps.push({ literal: Uint8Array.from(isText ? [...literal, quote] : literal), kind, slot, scale });
    literal = isText ? [quote] : [];
  }
  return { steps, end: { literal: Uint8Array.from([...literal, brace]), type, slots } };
}
