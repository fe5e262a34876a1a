'use client';
import type { ReactNode } from 'react';
import type { ExplainedNode, Explanation } from '@weir/contracts';
import { marginText, mentions, outcomeOf, valueText, windowsOf } from './reading';
import type { Outcome } from './reading';
import { stepsOf } from './step-lanes';

const marks: Readonly<Record<Outcome, { readonly path: string; readonly style: string }>> = {
  yes: { path: 'M2.5 7.5l3 3 6-7', style: 'text-text font-medium' }, no: { path: 'M3.5 3.5l7 7M10.5 3.5l-7 7', style: 'text-text-2' },
  'not known': { path: 'M4.5 5a2.5 2.5 0 115 0c0 1.8-2.5 1.8-2.5 3.6M7 11.4v.4', style: 'text-medium font-medium' },
  hidden: { path: 'M3 6.5h8v5H3zM4.8 6.5V4.6a2.2 2.2 0 014.4 0v1.9', style: 'text-text-2' }, value: { path: 'M3 7h8', style: 'text-text-2' },
};

/** A result as mark and word. */
export function OutcomeMark({ outcome }: { readonly outcome: Outcome }): ReactNode {
  const { path, style } = marks[outcome];
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${style}`}>
      <svg aria-hidden="true" viewBox="0 0 14 14" width="12" height="12" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round"><path d={path} /></svg>{outcome}
    </span>
  );
}

interface Line { readonly node: ExplainedNode; readonly depth: number }

/** A condition and, under anything that is not a plain comparison, the parts that decided it. */
function linesOf(node: ExplainedNode, depth: number): readonly Line[] {
  const deeper = node.comparison ? [] : (node.children ?? []).filter((child) => child.value.type === 'bool' || child.value.type === 'unknown');
  return [{ node, depth }, ...deeper.flatMap((child) => linesOf(child, depth + 1))];
}

/** Condition table: result, text, seen, needs, margin; `onEvents` adds the button that highlights a condition's events. */
export function Conditions({ explanation, hot, hotWindows, hotSteps, onEvents }: {
  readonly explanation: Explanation; readonly hot?: string | undefined; readonly hotWindows?: ReadonlySet<number>; readonly hotSteps?: ReadonlySet<number>;
  readonly onEvents?: (windows: readonly number[], steps: readonly number[]) => void;
}): ReactNode {
  const lines = explanation.conditions.flatMap((node) => linesOf(node, 0));
  return (
    <div className="overflow-x-auto" role="group" aria-label="Table of conditions" tabIndex={0}>
      <table className="plain-table">
        <caption className="sr-only">Conditions of the rule with the values they had</caption>
        <thead>
          <tr><th scope="col" className="w-24">Result</th><th scope="col">Condition</th><th scope="col" className="num">Seen</th><th scope="col" className="num">Needs</th><th scope="col" className="num">Margin</th><th scope="col"><span className="sr-only">Events</span></th></tr>
        </thead>
        <tbody>
          {lines.map(({ node, depth }, i) => {
            const windows = windowsOf(node, explanation);
            const steps = stepsOf(node, explanation);
            const picked = windows.some((w) => hotWindows?.has(w)) || steps.some((s) => hotSteps?.has(s));
            const lit = picked || (hot !== undefined && mentions(node, hot));
            return (
              <tr key={i} className={lit ? 'bg-selected' : ''}>
                <td><OutcomeMark outcome={outcomeOf(node)} /></td>
                <td style={{ paddingLeft: 12 + depth * 16 }}><code className="text-[0.8125rem] break-words">{node.text}</code></td>
                <td className={`num whitespace-nowrap ${node.comparison?.left.type === 'unknown' ? 'text-medium' : ''}`}>{node.comparison ? valueText(node.comparison.left) : valueText(node.value)}</td>
                <td className="num whitespace-nowrap text-text-2">{node.comparison ? `${node.comparison.operator} ${valueText(node.comparison.right)}` : '-'}</td>
                <td className="num whitespace-nowrap">{marginText(node.comparison?.margin)}</td>
                <td className="num">{windows.length + steps.length > 0 && onEvents && <button type="button" className="link text-table" aria-pressed={picked} onClick={() => { onEvents(windows, steps); }}>events</button>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The conditions for a narrow place: mark, text, and what was seen against what is needed. */
export function ConditionLines({ explanation }: { readonly explanation: Explanation }): ReactNode {
  return (
    <ul className="flex flex-col gap-1 text-table" aria-label="Conditions">
      {explanation.conditions.map((node, i) => (
        <li key={i} className="grid grid-cols-[96px_minmax(0,1fr)] items-start gap-x-2">
          <OutcomeMark outcome={outcomeOf(node)} />
          <span className="min-w-0">
            <code className="break-words">{node.text}</code>
            {node.comparison && <span className="block text-text-2">{valueText(node.comparison.left)} {node.comparison.operator} {valueText(node.comparison.right)}{node.comparison.margin && `, margin ${marginText(node.comparison.margin)}`}</span>}
            {node.value.type === 'unknown' && <span className="block text-medium">{valueText(node.value)}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Each `let` with its text, its value and how many events passed. */
export function Lets({ explanation, hot, onName }: { readonly explanation: Explanation; readonly hot?: string | undefined; readonly onName: (name: string | undefined) => void }): ReactNode {
  if (explanation.lets.length === 0) return null;
  return (
    <dl className="flex flex-col border-t border-hairline py-2 text-table">
      {explanation.lets.map(({ name, node }) => {
        const [windowIndex] = windowsOf(node, explanation);
        const shown = windowIndex === undefined ? undefined : explanation.windows[windowIndex];
        return (
          <div key={name} className={`flex flex-wrap items-baseline gap-x-2 px-4 py-0.5 ${hot === name ? 'bg-selected' : ''}`}>
            <dt><span className="text-meta text-text-2">let</span> <button type="button" className="font-medium hover:underline" aria-pressed={hot === name} onClick={() => { onName(hot === name ? undefined : name); }}>{name}</button></dt>
            <dd className="min-w-0"><code className="text-text-2">= {node.text}</code></dd>
            <dd className="ml-auto font-medium">{valueText(node.value)}</dd>
            {shown && <dd className="w-40 text-right text-text-2">{shown.counted} of {shown.size} events pass</dd>}
          </div>
        );
      })}
    </dl>
  );
}
