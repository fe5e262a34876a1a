'use client';
import { useRef } from 'react';
import type { ReactNode } from 'react';
import type { ExplainedWindow, TriggerEvent } from '@weir/contracts';
import { formatCount } from '../format/number';
import { formatClock } from '../format/time';
import { usePreferences } from '../shell/preferences';
import { useWidth } from '../shell/use-width';
import { amountText } from './reading';
import { bucketOf } from './bucket';
import { labelAnchor, tickText, timelineOf } from './timeline-layout';

/** A window as it was: filled = counted, hollow = in the window but not counted, square = trigger; x is event time. One image with one sentence as its name; `bucket` draws it as [start, end). */
export function MiniTimeline({ shown: kept, trigger, hotSeqs, bucket = false }: { readonly shown: ExplainedWindow; readonly trigger?: TriggerEvent | undefined; readonly hotSeqs?: ReadonlySet<number>; readonly bucket?: boolean }): ReactNode {
  const shown = bucket ? { ...kept, afterTs: bucketOf(kept).startTs, untilTs: bucketOf(kept).endTs } : kept;
  const { zone } = usePreferences();
  const svg = useRef<SVGSVGElement>(null);
  // Drawn at its real width: scaled text would fall below 12 px.
  const width = useWidth(svg, 640);
  const timeline = timelineOf(shown, trigger, amountText, 58 / width);
  const left = 12;
  const inner = width - 2 * left;
  const x = (at: number): number => left + at * inner;
  const middle = (shown.afterTs + shown.untilTs) / 2;
  const tick = (at: number): string => tickText(at, shown.untilTs - shown.afterTs, zone);
  const ticks = [[0, shown.afterTs, 'start'], [0.5, middle, 'middle'], [1, shown.untilTs, 'end']] as const;
  return (
    <svg
      ref={svg} role="img" width="100%" height="56" className="block"
      aria-label={`${formatCount(shown.counted)} of ${formatCount(shown.size)} events counted from ${formatClock(shown.afterTs, zone)} to ${formatClock(shown.untilTs, zone)}`}
    >
      <line x1={left} x2={width - left} y1="28" y2="28" stroke="var(--control)" strokeWidth="1" />
      <path d={`M${left} 21v14`} stroke="var(--control)" strokeDasharray={bucket ? 'none' : '2 2'} fill="none" />
      <path d={`M${width - left} 21v14`} stroke="var(--control)" strokeDasharray={bucket ? '2 2' : 'none'} fill="none" />
      {timeline.kind === 'bars' && timeline.bars.map((bar) => {
        const tall = (n: number): number => (n / timeline.tallest) * 24;
        return (
          <g key={bar.x}>
            <rect x={x(bar.x)} width={bar.width * inner - 1} y={28 - tall(bar.counted)} height={tall(bar.counted)} fill="var(--series-1)" />
            <rect x={x(bar.x)} width={bar.width * inner - 1} y={28 - tall(bar.counted + bar.hollow)} height={tall(bar.hollow)} fill="none" stroke="var(--series-1)" />
          </g>
        );
      })}
      {timeline.kind === 'marks' && timeline.marks.map((mark) => {
        const at = x(mark.x);
        const hot = hotSeqs?.has(mark.event.seq) ?? false;
        return (
          <g key={`${mark.event.seq}${mark.kind}`}>
            {mark.label && <text x={at} y="12" textAnchor={labelAnchor(mark.x)} fontSize="12" fill={mark.kind === 'hollow' ? 'var(--text-3)' : 'var(--text)'} fontWeight={mark.kind === 'trigger' ? 600 : 400}>{mark.label}</text>}
            {mark.kind === 'trigger'
              ? <rect x={at - 5} y="23" width="10" height="10" fill="var(--accent)" stroke="var(--surface)" strokeWidth="1" />
              : <circle cx={at} cy="28" r={hot ? 6 : 4.5} fill={mark.kind === 'counted' ? 'var(--series-1)' : 'var(--surface)'} stroke={hot ? 'var(--accent)' : 'var(--series-1)'} strokeWidth={hot ? 2.5 : 1.5} />}
          </g>
        );
      })}
      {ticks.map(([at, ts, anchor]) => <text key={at} x={x(at)} y="52" textAnchor={anchor} fontSize="12" fill="var(--text-2)">{tick(ts)}</text>)}
    </svg>
  );
}
