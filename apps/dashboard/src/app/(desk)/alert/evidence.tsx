'use client';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import type { AlertDetail, ExplainedStep, Explanation } from '@weir/contracts';
import { bucketOf, isOfWholeWindow, samePictures } from '../../../explain/bucket';
import { Conditions, Lets } from '../../../explain/conditions';
import { MiniTimeline } from '../../../explain/mini-timeline';
import { amountText, countedText, eventFields, evidenceOf, fieldText, traceSentence, valueText, windowGroups, windowsOf, windowsOfName } from '../../../explain/reading';
import type { EvidenceEvent } from '../../../explain/reading';
import { Sentence } from '../../../explain/sentence';
import { stepSentence, stepsOfName } from '../../../explain/step-lanes';
import { StepTimeline } from '../../../explain/step-timeline';
import { WhyDialog } from '../../../explain/why-dialog';
import { withinOfVersion } from '../../../explain/within-of-version';
import { formatCount } from '../../../format/number';
import { formatClock, formatDay, formatSpan } from '../../../format/time';
import { usePreferences } from '../../../shell/preferences';
import { Instant } from '../../../shell/time-text';

const noExplanation: Explanation = { version: 1, conditions: [], lets: [], windows: [], unknown: [] };
interface Picked { readonly windows: readonly number[]; readonly steps: readonly number[] }
const nothingPicked: Picked = { windows: [], steps: [] };

/** Sentence, conditions, windows and contributing events, as they were when the rule fired. */
export function Evidence({ detail, conditionsRef }: { readonly detail: AlertDetail; readonly conditionsRef: RefObject<HTMLElement | null> }): ReactNode {
  const { alert } = detail;
  const explanation = alert.explanation ?? noExplanation;
  const [hot, setHot] = useState<string>();
  const [picked, setPicked] = useState<Picked>(nothingPicked);
  const hotWindows = useMemo(() => new Set([...picked.windows, ...(hot === undefined ? [] : windowsOfName(hot, explanation))]), [picked, hot, explanation]);
  const hotSteps = useMemo(() => new Set([...picked.steps, ...(hot === undefined ? [] : stepsOfName(hot, explanation))]), [picked, hot, explanation]);
  const conditionWindows = useMemo(() => new Set(explanation.conditions.flatMap((c) => windowsOf(c, explanation))), [explanation]);
  const trace = traceSentence(explanation);
  const pick = (windows: readonly number[], steps: readonly number[]): void => {
    setHot(undefined);
    const isPicked = windows.every((w) => picked.windows.includes(w)) && steps.every((s) => picked.steps.includes(s));
    setPicked(isPicked ? nothingPicked : { windows, steps });
  };
  const light = (name: string | undefined): void => { setPicked(nothingPicked); setHot(name); };
  const wholeWindow = isOfWholeWindow(alert);
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-col gap-1">
        <Sentence alert={alert} heading hot={hot} onName={light} />
        <p className="max-w-[90ch] text-text-2">{wholeWindow ? 'Fired when its window ended at' : 'Fired at'} <Instant at={alert.ts} precision="ms" /> event time{trace && `, ${trace}`}.{!alert.warm && ' The log did not reach back over the whole span of the rule yet.'}{alert.trigger?.late && ' The event came late.'}</p>
      </div>
      <section ref={conditionsRef} tabIndex={-1} aria-label="Conditions" className="panel" data-inset-focus>
        <Conditions explanation={explanation} hot={hot} hotWindows={hotWindows} hotSteps={hotSteps} onEvents={pick} />
        <Lets explanation={explanation} hot={hot} onName={light} />
        {explanation.conditions.length === 0 && <p className="p-4 text-text-2">No explanation was kept for this alert.</p>}
        {explanation.unknown.length > 0 && <p className="border-t border-hairline px-4 py-2 text-table text-medium">Not known in the event: {explanation.unknown.join(', ')}</p>}
      </section>
      {explanation.steps && <StepsPanel detail={detail} steps={explanation.steps} lit={hotSteps} onStep={(name) => { light(hot === name ? undefined : name); }} />}
      {windowGroups(explanation).map((indexes) => (
        <WindowPanel key={indexes[0]} detail={detail} indexes={indexes} lit={hotWindows} quiet={explanation.windows.length > 2 && !indexes.some((i) => conditionWindows.has(i))} />
      ))}
      <Events detail={detail} hotWindows={hotWindows} hotSteps={hotSteps} />
    </div>
  );
}

/** How the match of a sequence came about. `within` is that of the version that fired; without it the lanes span the match alone. */
function StepsPanel({ detail, steps, lit, onStep }: { readonly detail: AlertDetail; readonly steps: readonly ExplainedStep[]; readonly lit: ReadonlySet<number>; readonly onStep: (name: string) => void }): ReactNode {
  const { rule, ruleVersion, trigger } = detail.alert;
  const within = useQuery({ queryKey: ['within', rule, ruleVersion], queryFn: ({ signal }) => withinOfVersion(rule, ruleVersion, signal), staleTime: Infinity, retry: false });
  return (
    <section aria-label="Steps" className="panel">
      <h2 className="flex flex-wrap items-baseline gap-x-3 px-4 py-2 font-normal"><span className="panel-head">Steps</span><span className="min-w-0 text-table text-text-2">{stepSentence(steps)}</span></h2>
      <StepTimeline steps={steps} triggerSeq={trigger?.seq} withinMs={within.data ?? undefined} hotSteps={lit} onStep={onStep} />
      {steps.filter((s) => s.events.length < s.count).map((s) => <p key={s.name} className="px-4 pb-1 text-meta text-text-2">{s.name}: {formatCount(s.events.length)} newest of {formatCount(s.count)} kept</p>)}
    </section>
  );
}

/** Windows over one span and key in one panel: the edges are said once, windows that count the same events share a lane. */
function WindowPanel({ detail, indexes, lit, quiet }: { readonly detail: AlertDetail; readonly indexes: readonly number[]; readonly lit: ReadonlySet<number>; readonly quiet: boolean }): ReactNode {
  const { zone } = usePreferences();
  const { explanation = noExplanation, trigger } = detail.alert;
  const first = explanation.windows[indexes[0] ?? -1];
  if (!first) return null;
  const bucket = isOfWholeWindow(detail.alert);
  const { startTs, endTs } = bucketOf(first);
  const [from, until] = bucket ? [startTs, endTs] : [first.afterTs, first.untilTs];
  const sameDay = formatDay(from, zone) === formatDay(until, zone);
  const edge = (at: number): string => (sameDay ? formatClock(at, zone, 'ms') : `${formatDay(at, zone)} ${formatClock(at, zone)}`);
  const head = (
    <>
      <span className="panel-head">{bucket ? 'Bucket' : indexes.length === 1 ? 'Window' : `${indexes.length} windows`}</span>
      <span className="text-table text-text-2">{bucket ? `[${edge(from)}, ${edge(until)})` : `(${edge(from)}, ${edge(until)}]`}</span><span className="text-table text-text-3">{bucket ? 'start in, end out' : 'old edge out, new edge in'}, {formatSpan(until - from)}</span>
      {first.key.map((k) => <span key={k.field} className="text-table text-text-3">{k.field} {fieldText(k.value)}</span>)}
    </>
  );
  const label = [`${bucket ? 'Bucket' : 'Windows'} over ${formatSpan(until - from)}`, ...first.key.map((k) => `${k.field} ${fieldText(k.value)}`), edge(from)].join(', ');
  const lanes = samePictures(indexes, explanation).map((alike) => <WindowLane key={alike[0]} detail={detail} indexes={alike} hot={alike.some((index) => lit.has(index))} trigger={trigger} bucket={bucket} />);
  if (quiet) return <details className="panel"><summary className="flex flex-wrap items-baseline gap-x-3 px-4 py-2">{head}</summary>{lanes}</details>;
  return <section aria-label={label} className="panel"><h2 className="flex flex-wrap items-baseline gap-x-3 px-4 py-2 font-normal">{head}</h2>{lanes}</section>;
}

/** Windows that hold and count the same events: a line each, one picture. */
function WindowLane({ detail, indexes, hot, trigger, bucket }: { readonly detail: AlertDetail; readonly indexes: readonly number[]; readonly hot: boolean; readonly trigger: AlertDetail['alert']['trigger']; readonly bucket: boolean }): ReactNode {
  const windows = indexes.flatMap((index) => { const shown = detail.alert.explanation?.windows[index]; return shown ? [{ index, shown }] : []; });
  const [first] = windows;
  if (!first) return null;
  const { shown } = first;
  return (
    <div className={`pb-1 ${hot ? 'bg-selected' : ''}`}>
      {windows.map(({ index, shown: one }) => <p key={index} className="flex flex-wrap items-baseline gap-x-3 px-4 text-table"><code className="min-w-0 break-words">{one.text}</code><span className="ml-auto"><strong>{valueText(one.value)}</strong><span className="text-text-2">, {formatCount(one.counted)} of {formatCount(one.size)} events counted</span></span></p>)}
      <div className="px-2"><MiniTimeline shown={shown} trigger={trigger} bucket={bucket} {...(hot ? { hotSeqs: new Set(shown.events.filter((e) => e.counted).map((e) => e.seq)) } : {})} /></div>
      {shown.events.length < shown.size && <p className="px-4 pb-1 text-meta text-text-2">{formatCount(shown.events.length)} newest of {formatCount(shown.size)} kept</p>}
    </div>
  );
}

function Events({ detail, hotWindows, hotSteps }: { readonly detail: AlertDetail; readonly hotWindows: ReadonlySet<number>; readonly hotSteps: ReadonlySet<number> }): ReactNode {
  const { alert } = detail;
  const [all, setAll] = useState(false);
  const [why, setWhy] = useState<string>();
  const evidence = useMemo(() => (alert.explanation ? evidenceOf(alert.explanation) : []), [alert.explanation]);
  const trigger = alert.trigger;
  const others = evidence.filter((e) => e.event.seq !== trigger?.seq);
  const ofTrigger = evidence.find((e) => e.event.seq === trigger?.seq);
  const events: readonly EvidenceEvent[] = [...(trigger ? [{ event: { ...trigger, counted: true }, windows: [], steps: ofTrigger?.steps ?? [], counted: true }] : []), ...others];
  const steps = alert.explanation?.steps;
  const fields = useMemo(() => eventFields([...(trigger ? [trigger] : []), ...evidence.map((e) => e.event)], 4, alert.key.map((k) => k.field)), [trigger, evidence, alert.key]);
  const shown = all ? events : events.slice(0, 12);
  const { zone } = usePreferences();
  const day = formatDay(alert.ts, zone);
  const today = formatDay(Date.now(), zone) === day;
  if (events.length === 0) return null;
  return (
    <section aria-label="Contributing events" className="panel">
      <h2 className="flex items-baseline gap-3 px-4 py-2"><span className="panel-head">Contributing events</span><span className="text-table font-normal text-text-2">{countedText(others, trigger !== undefined, steps !== undefined)}</span></h2>
      <div className="overflow-x-auto" role="group" aria-label="Table of contributing events" tabIndex={0}>
        <table className="plain-table">
          <thead><tr><th scope="col"><span className="sr-only">Part</span></th>{steps && <th scope="col">Step</th>}<th scope="col">Time{today ? '' : `, ${day}`}</th><th scope="col">Type</th>{fields.map((f) => <th key={f} scope="col" className={f === 'amount' ? 'num' : ''}>{f}</th>)}<th scope="col" className="num">seq</th><th scope="col" className="stays"><span className="sr-only">Rules on this event</span></th></tr></thead>
          <tbody>
            {shown.map(({ event, windows, steps: taken, counted: isCounted }) => {
              const isTrigger = event.seq === trigger?.seq;
              const lit = (windows.some((w) => hotWindows.has(w)) && isCounted) || taken.some((t) => hotSteps.has(t));
              return (
                <tr key={event.seq} className={lit ? 'bg-selected' : isTrigger ? 'font-medium' : isCounted ? '' : 'text-text-2'}>
                  <td className="whitespace-nowrap">
                    <svg aria-hidden="true" viewBox="0 0 12 12" width="12" height="12" className="mr-1.5 inline">
                      {isTrigger ? <rect x="1.5" y="1.5" width="9" height="9" fill="var(--accent)" /> : <circle cx="6" cy="6" r="4.2" fill={isCounted ? 'var(--series-1)' : 'none'} stroke="var(--series-1)" strokeWidth="1.5" />}
                    </svg>
                    {isTrigger ? 'trigger' : event.unread ? 'not in the log any more' : taken.length > 0 ? 'taken' : isCounted ? 'counted' : 'not counted'}
                  </td>
                  {steps && <td className="max-w-40 truncate">{taken.map((t) => steps[t]?.name).join(', ') || '-'}</td>}
                  <td className="whitespace-nowrap">{formatDay(event.ts, zone) === day ? formatClock(event.ts, zone, 'ms') : `${formatDay(event.ts, zone)} ${formatClock(event.ts, zone)}`}</td>
                  <td className="whitespace-nowrap">{event.type}</td>
                  {fields.map((f) => <td key={f} className={`max-w-48 truncate ${f === 'amount' ? 'num' : ''}`} title={fieldText(event.fields[f])}>{f === 'amount' ? amountText(event.fields) ?? '-' : fieldText(event.fields[f])}</td>)}
                  <td className="num text-text-2">{formatCount(event.seq)}</td>
                  <td className="num stays">{!event.unread && <button type="button" className="link whitespace-nowrap" aria-label={isTrigger ? `Why event ${event.id} fired, and other rules not` : `Why event ${event.id} did not fire`} onClick={() => { setWhy(event.id); }}>{isTrigger ? 'Why?' : 'Why not?'}</button>}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {events.length > shown.length && <button type="button" className="link px-4 py-2 text-table" onClick={() => { setAll(true); }}>Show all {formatCount(events.length)}</button>}
      {why !== undefined && <WhyDialog eventId={why} ruleId={alert.rule} onClose={() => { setWhy(undefined); }} />}
    </section>
  );
}
