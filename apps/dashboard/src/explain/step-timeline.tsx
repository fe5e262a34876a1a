'use client';
import { Fragment, useId, useRef } from 'react';
import type { ReactNode, RefObject } from 'react';
import type { ExplainedStep } from '@weir/contracts';
import { formatClock, formatSpan } from '../format/time';
import type { Zone } from '../format/time';
import { usePreferences } from '../shell/preferences';
import { useWidth } from '../shell/use-width';
import { amountText } from './reading';
import { contiguityText, stepCountText, stepPicture } from './step-lanes';
import type { StepLane, StepPicture } from './step-lanes';
import { labelAnchor, tickText } from './timeline-layout';

const laneHeight = 42;
const side = 12;

/**
 * A sequence as it happened: one lane a step, all on one time axis, `within` as a bracket above, hatched where a negative step saw nothing.
 * @param narrow lane names above the lanes instead of beside them.
 */
export function StepTimeline({ steps, triggerSeq, withinMs, hotSteps, onStep, narrow = false }: {
  readonly steps: readonly ExplainedStep[]; readonly triggerSeq: number | undefined; readonly withinMs: number | undefined;
  readonly hotSteps?: ReadonlySet<number>; readonly onStep?: (name: string) => void; readonly narrow?: boolean;
}): ReactNode {
  const { zone } = usePreferences();
  const axis = useRef<SVGSVGElement>(null);
  // Drawn at its real width: scaled text would fall below 12 px.
  const width = useWidth(axis, narrow ? 320 : 560);
  const hatch = useId();
  const inner = Math.max(1, width - 2 * side);
  const picture = stepPicture(steps, { triggerSeq, withinMs, labelOf: amountText, labelWidth: 58 / inner, markWidth: 8 / inner });
  if (!picture) return null;
  const x = (at: number): number => side + at * inner;
  return (
    <div className={`grid items-center ${narrow ? 'grid-cols-1' : 'grid-cols-[minmax(112px,272px)_minmax(0,1fr)]'}`}>
      {!narrow && <span />}
      {picture.within ? <Bracket within={picture.within} picture={picture} x={x} /> : <span />}
      {picture.lanes.map((lane) => {
        const { step, index } = lane;
        const hot = hotSteps?.has(index) ?? false;
        return (
          <Fragment key={step.name}>
            <p className={`flex min-w-0 flex-wrap items-baseline gap-x-2 text-table ${narrow ? 'px-3' : 'self-stretch content-center pt-3 pb-0.5 pl-4'} ${hot ? 'bg-selected' : ''}`}>
              {onStep ? <button type="button" className="max-w-full truncate font-medium hover:underline" title={step.name} aria-pressed={hot} onClick={() => { onStep(step.name); }}>{step.name}</button> : <span className="max-w-full truncate font-medium">{step.name}</span>}
              <span className="text-text-2">{stepCountText(step)}</span>
              <code className="text-meta text-text-3" title={contiguityText(step.contiguity)}>{step.contiguity}</code>
            </p>
            <svg role="img" aria-label={laneName(lane, zone)} width="100%" height={laneHeight} className={`block ${hot ? 'bg-selected' : ''}`}>
              <line x1={side} x2={width - side} y1="28" y2="28" stroke="var(--hairline)" />
              {lane.silence && <Silence lane={lane} x={x} width={width} hatch={hatch} />}
              {lane.marks.map((mark) => (
                <g key={mark.events[0]?.seq}>
                  {mark.label !== undefined && <text x={x(mark.x)} y="14" textAnchor={labelAnchor(mark.x)} fontSize="12" fill="var(--text)" fontWeight={mark.isTrigger ? 600 : 400}>{mark.label}</text>}
                  {mark.isTrigger ? <rect x={x(mark.x) - 5} y="23" width="10" height="10" fill="var(--accent)" stroke="var(--surface)" /> : <circle cx={x(mark.x)} cy="28" r={hot ? 6 : 4.5} fill="var(--series-1)" stroke={hot ? 'var(--accent)' : 'var(--surface)'} strokeWidth={hot ? 2.5 : 1} />}
                </g>
              ))}
              {!lane.silence && step.count === 0 && <text x={side} y="20" fontSize="12" fill="var(--text-2)">optional, left out</text>}
            </svg>
          </Fragment>
        );
      })}
      {!narrow && <span />}
      <Axis axis={axis} picture={picture} width={width} zone={zone} />
    </div>
  );
}

function Axis({ axis, picture: { fromTs, untilTs }, width, zone }: { readonly axis: RefObject<SVGSVGElement | null>; readonly picture: StepPicture; readonly width: number; readonly zone: Zone }): ReactNode {
  const span = untilTs - fromTs;
  const ticks = span > 0 ? [[side, fromTs, 'start'], [width / 2, fromTs + span / 2, 'middle'], [width - side, untilTs, 'end']] as const : [[side, fromTs, 'start']] as const;
  return (
    <svg ref={axis} aria-hidden="true" width="100%" height="26" className="block">
      <path d={`M${side} 6V1H${width - side}v5M${width / 2} 1v5`} stroke="var(--control)" fill="none" />
      {ticks.map(([at, ts, anchor]) => <text key={anchor} x={at} y="20" textAnchor={anchor} fontSize="12" fill="var(--text-2)">{tickText(ts, span, zone)}</text>)}
    </svg>
  );
}

/** From the first event on; its end is open (an event exactly there is too late). */
function Bracket({ within: { width, withinMs, open }, picture, x }: { readonly within: NonNullable<StepPicture['within']>; readonly picture: StepPicture; readonly x: (at: number) => number }): ReactNode {
  const end = x(width);
  const text = `within ${formatSpan(withinMs)}${open ? `, of which ${formatSpan(picture.untilTs - picture.fromTs)} are shown` : ''}`;
  return (
    <svg role="img" aria-label={text} width="100%" height="30" className="block">
      <path d={`M${x(0)} 27v-7H${end}${open ? 'l-5 -4m5 4l-5 4' : ''}`} fill="none" stroke="var(--control)" strokeWidth="1.5" />
      {!open && <path d={`M${end} 20v7`} stroke="var(--control)" strokeWidth="1.5" strokeDasharray="2 2" />}
      <text x={(x(0) + end) / 2} y="13" textAnchor="middle" fontSize="12" fill="var(--text-2)">{text}</text>
    </svg>
  );
}

function Silence({ lane: { silence }, x, width, hatch }: { readonly lane: StepLane; readonly x: (at: number) => number; readonly width: number; readonly hatch: string }): ReactNode {
  if (!silence) return null;
  const left = x(silence.x);
  const size = Math.max(3, silence.width * (width - 2 * side));
  const text = silence.toEnd ? `none seen in ${formatSpan(silence.untilTs - silence.afterTs)}` : 'none seen';
  const textWidth = text.length * 6.5;
  const fits = size > textWidth + 16;
  // Beside the span where it is too short for the words: to the right if there is room.
  const anchor = fits ? 'middle' : left + size + textWidth + 8 < width ? 'start' : 'end';
  const at = fits ? left + size / 2 : anchor === 'start' ? left + size + 6 : left - 6;
  return (
    <>
      <defs><pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" x2="0" y1="0" y2="6" stroke="var(--control)" strokeWidth="1.5" /></pattern></defs>
      <rect x={left} y="18" width={size} height="20" fill={`url(#${hatch})`} stroke="var(--control)" />
      {fits && <rect x={at - textWidth / 2 - 4} y="20" width={textWidth + 8} height="16" fill="var(--surface)" />}
      <text x={at} y="32" textAnchor={anchor} fontSize="12" fill="var(--text)">{text}</text>
      {silence.toEnd && <path d={`M${left + size} 12v32`} stroke="var(--accent)" strokeWidth="2" />}
    </>
  );
}

function laneName({ step, silence }: StepLane, zone: Zone): string {
  const first = step.events[0];
  const last = step.events.at(-1);
  if (silence) return `${step.name}: none seen from ${formatClock(silence.afterTs, zone, 'ms')} to ${formatClock(silence.untilTs, zone, 'ms')}`;
  if (!first || !last) return `${step.name}: ${stepCountText(step)}`;
  return `${step.name}: ${stepCountText(step)} ${first === last ? 'at' : `from ${formatClock(first.ts, zone, 'ms')} to`} ${formatClock(last.ts, zone, 'ms')}`;
}
