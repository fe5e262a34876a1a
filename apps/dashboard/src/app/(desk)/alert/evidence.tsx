'use client';
import { useMemo, useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import type { AlertDetail, Explanation } from '@weir/contracts';
import { Conditions, Lets } from '../../../explain/conditions';
import { MiniTimeline } from '../../../explain/mini-timeline';
import { amountText, eventFields, evidenceOf, fieldText, traceSentence, valueText, windowGroups, windowsOf, windowsOfName } from '../../../explain/reading';
import { Sentence } from '../../../explain/sentence';
import { formatCount } from '../../../format/number';
import { formatClock, formatDay, formatSpan } from '../../../format/time';
import { usePreferences } from '../../../shell/preferences';
import { Instant } from '../../../shell/time-text';

const noExplanation: Explanation = { version: 1, conditions: [], lets: [], windows: [], unknown: [] };

/** Sentence, conditions, windows and contributing events, as they were when the rule fired. */
export function Evidence({ detail, conditionsRef }: { readonly detail: AlertDetail; readonly conditionsRef: RefObject<HTMLElement | null> }): ReactNode {
  const { alert } = detail;
  const explanation = alert.explanation ?? noExplanation;
  const [hot, setHot] = useState<string>();
  const [picked, setPicked] = useState<ReadonlySet<number>>(new Set());
  const hotWindows = useMemo(() => new Set([...picked, ...(hot === undefined ? [] : windowsOfName(hot, explanation))]), [picked, hot, explanation]);
  const conditionWindows = useMemo(() => new Set(explanation.conditions.flatMap((c) => windowsOf(c, explanation))), [explanation]);
  const trace = traceSentence(explanation);
  const pick = (windows: readonly number[]): void => { setHot(undefined); setPicked(windows.every((w) => picked.has(w)) ? new Set() : new Set(windows)); };
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-col gap-1">
        <Sentence alert={alert} heading hot={hot} onName={(name) => { setPicked(new Set()); setHot(name); }} />
        <p className="max-w-[90ch] text-text-2">Fired at <Instant at={alert.ts} precision="ms" /> event time{trace && `, ${trace}`}.{!alert.warm && ' The log did not reach back over the whole span of the rule yet.'}{alert.trigger?.late && ' The event came late.'}</p>
      </div>
      <section ref={conditionsRef} tabIndex={-1} aria-label="Conditions" className="panel" data-inset-focus>
        <Conditions explanation={explanation} hot={hot} hotWindows={hotWindows} onEvents={pick} />
        <Lets explanation={explanation} hot={hot} onName={(name) => { setPicked(new Set()); setHot(name); }} />
        {explanation.conditions.length === 0 && <p className="p-4 text-text-2">No explanation was kept for this alert.</p>}
        {explanation.unknown.length > 0 && <p className="border-t border-hairline px-4 py-2 text-table text-medium">Not known in the event: {explanation.unknown.join(', ')}</p>}
      </section>
      {windowGroups(explanation).map((indexes) => (
        <WindowPanel key={indexes[0]} detail={detail} indexes={indexes} lit={hotWindows} quiet={explanation.windows.length > 2 && !indexes.some((i) => conditionWindows.has(i))} />
      ))}
      <Events detail={detail} hotWindows={hotWindows} />
    </div>
  );
}

/** Windows over one span and key in one panel: the edges are said once, each window has its line and lane. */
function WindowPanel({ detail, indexes, lit, quiet }: { readonly detail: AlertDetail; readonly indexes: readonly number[]; readonly lit: ReadonlySet<number>; readonly quiet: boolean }): ReactNode {
  const { zone } = usePreferences();
  const windows = indexes.flatMap((index) => { const shown = detail.alert.explanation?.windows[index]; return shown ? [{ index, shown }] : []; });
  const [first] = windows;
  if (!first) return null;
  const { afterTs, untilTs, key } = first.shown;
  const sameDay = formatDay(afterTs, zone) === formatDay(untilTs, zone);
  const edge = (at: number): string => (sameDay ? formatClock(at, zone, 'ms') : `${formatDay(at, zone)} ${formatClock(at, zone)}`);
  const head = (
    <>
      <span className="panel-head">{windows.length === 1 ? 'Window' : `${windows.length} windows`}</span>
      <span className="text-table text-text-2">({edge(afterTs)}, {edge(untilTs)}]</span><span className="text-table text-text-3">old edge out, new edge in, {formatSpan(untilTs - afterTs)}</span>
      {key.map((k) => <span key={k.field} className="text-table text-text-3">{k.field} {fieldText(k.value)}</span>)}
    </>
  );
  const lanes = windows.map(({ index, shown }) => {
    const hot = lit.has(index);
    return (
      <div key={index} className={`pb-1 ${hot ? 'bg-selected' : ''}`}>
        <p className="flex flex-wrap items-baseline gap-x-3 px-4 text-table"><code className="min-w-0 break-words">{shown.text}</code><span className="ml-auto"><strong>{valueText(shown.value)}</strong><span className="text-text-2">, {formatCount(shown.counted)} of {formatCount(shown.size)} events counted</span></span></p>
        <div className="px-2"><MiniTimeline shown={shown} trigger={detail.alert.trigger} {...(hot ? { hotSeqs: new Set(shown.events.filter((e) => e.counted).map((e) => e.seq)) } : {})} /></div>
        {shown.events.length < shown.size && <p className="px-4 pb-1 text-meta text-text-2">{formatCount(shown.events.length)} newest of {formatCount(shown.size)} kept</p>}
      </div>
    );
  });
  if (quiet) return <details className="panel"><summary className="flex flex-wrap items-baseline gap-x-3 px-4 py-2">{head}</summary>{lanes}</details>;
  return <section aria-label={`Windows over ${formatSpan(untilTs - afterTs)}`} className="panel"><h2 className="flex flex-wrap items-baseline gap-x-3 px-4 py-2 font-normal">{head}</h2>{lanes}</section>;
}

function Events({ detail, hotWindows }: { readonly detail: AlertDetail; readonly hotWindows: ReadonlySet<number> }): ReactNode {
  const { alert } = detail;
  const [all, setAll] = useState(false);
  const evidence = useMemo(() => (alert.explanation ? evidenceOf(alert.explanation) : []), [alert.explanation]);
  const trigger = alert.trigger;
  const others = evidence.filter((e) => e.event.seq !== trigger?.seq);
  const events = [...(trigger ? [{ event: { ...trigger, counted: true }, windows: [] as readonly number[], counted: true }] : []), ...others];
  const fields = useMemo(() => eventFields([...(trigger ? [trigger] : []), ...evidence.map((e) => e.event)], 5), [trigger, evidence]);
  const counted = others.filter((e) => e.counted).length;
  const shown = all ? events : events.slice(0, 12);
  const { zone } = usePreferences();
  const day = formatDay(alert.ts, zone);
  const today = formatDay(Date.now(), zone) === day;
  if (events.length === 0) return null;
  return (
    <section aria-label="Contributing events" className="panel">
      <h2 className="flex items-baseline gap-3 px-4 py-2"><span className="panel-head">Contributing events</span><span className="text-table font-normal text-text-2">{trigger ? 'the trigger and ' : ''}{formatCount(counted)} counted of {formatCount(others.length)} in the windows</span></h2>
      <div className="overflow-x-auto">
        <table className="plain-table">
          <thead><tr><th scope="col"><span className="sr-only">Part</span></th><th scope="col">Time{today ? '' : `, ${day}`}</th><th scope="col">Type</th>{fields.map((f) => <th key={f} scope="col" className={f === 'amount' ? 'num' : ''}>{f}</th>)}<th scope="col" className="num">seq</th></tr></thead>
          <tbody>
            {shown.map(({ event, windows, counted: isCounted }) => {
              const isTrigger = event.seq === trigger?.seq;
              const lit = windows.some((w) => hotWindows.has(w)) && isCounted;
              return (
                <tr key={event.seq} className={lit ? 'bg-selected' : isTrigger ? 'font-medium' : isCounted ? '' : 'text-text-2'}>
                  <td className="whitespace-nowrap">
                    <svg aria-hidden="true" viewBox="0 0 12 12" width="12" height="12" className="mr-1.5 inline">
                      {isTrigger ? <rect x="1.5" y="1.5" width="9" height="9" fill="var(--accent)" /> : <circle cx="6" cy="6" r="4.2" fill={isCounted ? 'var(--series-1)' : 'none'} stroke="var(--series-1)" strokeWidth="1.5" />}
                    </svg>
                    {isTrigger ? 'trigger' : isCounted ? 'counted' : 'not counted'}
                  </td>
                  <td className="whitespace-nowrap">{formatDay(event.ts, zone) === day ? formatClock(event.ts, zone, 'ms') : `${formatDay(event.ts, zone)} ${formatClock(event.ts, zone)}`}</td>
                  <td>{event.type}</td>
                  {fields.map((f) => <td key={f} className={`max-w-48 truncate ${f === 'amount' ? 'num' : ''}`} title={fieldText(event.fields[f])}>{f === 'amount' ? amountText(event.fields) ?? '-' : fieldText(event.fields[f])}</td>)}
                  <td className="num text-text-2">{formatCount(event.seq)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {events.length > shown.length && <button type="button" className="link px-4 py-2 text-table" onClick={() => { setAll(true); }}>Show all {formatCount(events.length)}</button>}
    </section>
  );
}
