'use client';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { Bar, BarChart, CartesianGrid, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import { formatClock } from '../format/time';
import { plural } from '../format/number';
import { usePreferences } from '../shell/preferences';
import { severityWord } from '../shell/badges';
import { axisTicks, minutesSentence, nextAxisTop, stackOrder, totalOf } from './alert-minutes';
import type { AxisTop, MinuteBucket } from './alert-minutes';

const height = 290;
const margin = { top: 8, right: 8, bottom: 0, left: 0 };
const fill = { critical: 'var(--critical-fill)', high: 'var(--high-fill)', medium: 'var(--medium-fill)', low: 'var(--low-fill)' } as const;

/** Columns of alerts per minute stacked by severity: one tab stop, arrows walk the minutes, D shows the table. */
export default function AlertMinutesChart({ minutes, now }: { readonly minutes: readonly MinuteBucket[]; readonly now: number }): ReactNode {
  const { zone } = usePreferences();
  const [at, setAt] = useState<number>();
  const [asTable, setAsTable] = useState(false);
  const axis = useRef<AxisTop>({ top: 4 });
  const highest = Math.max(0, ...minutes.map(totalOf));
  const top = useMemo(() => { axis.current = nextAxisTop(axis.current, highest, now); return axis.current.top; }, [highest, now]);
  const ticks = useMemo(() => [...axisTicks(top)], [top]);
  const data = useMemo(() => [...minutes], [minutes]);
  const chosen = at === undefined ? undefined : minutes[at];
  useEffect(() => { if (at !== undefined && at >= minutes.length) setAt(undefined); }, [at, minutes.length]);
  const sentence = minutesSentence(minutes, zone);
  const empty = highest === 0;

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) { event.preventDefault(); event.stopPropagation(); setAt((i) => Math.max(0, Math.min(minutes.length - 1, (i ?? minutes.length - (step < 0 ? 0 : 1)) + step))); }
    if (event.key === 'Escape' && at !== undefined) { event.preventDefault(); event.stopPropagation(); setAt(undefined); }
    if (event.key.toLowerCase() === 'd' && !event.ctrlKey && !event.metaKey) { event.preventDefault(); event.stopPropagation(); setAsTable(!asTable); }
  }
  return (
    <figure aria-label={sentence} className="flex h-full flex-col gap-1">
      <figcaption className="flex items-baseline gap-3">
        <span className="panel-head">Alerts per minute by severity</span>
        <p role="status" aria-live="polite" className="ml-auto text-meta font-medium">
          {chosen ? <>{formatClock(chosen.at, zone, 'minute')}: {plural(totalOf(chosen), 'alert')} of {plural(chosen.events, 'event')}<span className="sr-only">; {stackOrder.map((s) => `${severityWord[s].toLowerCase()} ${chosen[s]}`).join(', ')}</span></> : ''}
        </p>
        <span className="flex flex-wrap gap-3 text-meta text-text-2" aria-hidden="true">{stackOrder.map((s) => <span key={s} className="inline-flex items-center gap-1"><span className="size-2.5" style={{ background: fill[s] }} />{severityWord[s]}{chosen && <span className="font-medium text-text">{chosen[s]}</span>}</span>)}</span>
        <button type="button" className="link text-meta" aria-pressed={asTable} onClick={() => { setAsTable(!asTable); }}>{asTable ? 'Chart' : 'Table'}</button>
      </figcaption>
      {asTable ? (
        <div className="flex-auto overflow-y-auto" style={{ height }} tabIndex={0} role="region" aria-label="Alerts per minute as a table" onKeyDown={onKeyDown}>
          <table className="plain-table">
            <thead><tr><th scope="col">Minute</th>{stackOrder.map((s) => <th key={s} scope="col" className="num">{severityWord[s]}</th>)}<th scope="col" className="num">Events</th></tr></thead>
            <tbody>{[...minutes].reverse().map((m) => <tr key={m.at}><td>{formatClock(m.at, zone, 'minute')}</td>{stackOrder.map((s) => <td key={s} className="num">{m[s]}</td>)}<td className="num">{m.events}</td></tr>)}</tbody>
          </table>
        </div>
      ) : (
        <div
          className="relative flex-1" style={{ minHeight: height }} tabIndex={0} role="group" aria-label="Left and right walk the minutes, D shows a table" data-inset-focus onKeyDown={onKeyDown}
          onMouseMove={(e) => { const box = e.currentTarget.getBoundingClientRect(); const x = (e.clientX - box.left - 36) / (box.width - 44); setAt(x < 0 || x >= 1 ? undefined : Math.floor(x * minutes.length)); }}
          onMouseLeave={() => { setAt(undefined); }} onBlur={() => { setAt(undefined); }}
        >
          <div className="absolute inset-0">
            <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height }}>
              <BarChart data={data} margin={margin} barCategoryGap={1} accessibilityLayer={false}>
                <CartesianGrid vertical={false} stroke="var(--hairline)" />
                <XAxis dataKey="at" height={22} tickFormatter={(ts: number) => formatClock(ts, zone, 'minute')} interval={9} tick={{ fontSize: 12, fill: 'var(--text-2)' }} tickLine={false} axisLine={{ stroke: 'var(--control)' }} />
                <YAxis width={36} domain={[0, top]} ticks={ticks} interval={0} tick={{ fontSize: 12, fill: 'var(--text-2)' }} tickLine={false} axisLine={false} />
                {chosen && <ReferenceLine x={chosen.at} stroke="var(--control)" strokeDasharray="2 2" />}
                {stackOrder.map((s) => <Bar key={s} dataKey={s} stackId="alerts" fill={fill[s]} stroke="var(--surface)" strokeWidth={1} isAnimationActive={false} />)}
              </BarChart>
            </ResponsiveContainer>
          </div>
          {empty && <p className="absolute inset-0 flex items-center justify-center pb-8 text-text-2"><span className="bg-surface px-3">No alerts in this hour</span></p>}
        </div>
      )}
    </figure>
  );
}
