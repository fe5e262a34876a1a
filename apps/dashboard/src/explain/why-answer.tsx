'use client';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ConditionVerdict, ExplainedWindow, RuleExplanation, SequenceProgress, WindowVerdict } from '@weir/contracts';
import { ApiFailure, request } from '../api/request';
import { formatCount } from '../format/number';
import { EmptyNote, ErrorNote, Skeleton } from '../shell/states';
import { Instant } from '../shell/time-text';
import { OutcomeMark } from './conditions';
import { MiniTimeline } from './mini-timeline';
import { fieldText, valueText } from './reading';
import { distanceLines, fitText, outcomeWords, stepWords, summaryRest, withinText } from './why-not';

/** A stored rule by its id, or the text of a draft. */
export type AskedRule = { readonly ruleId: string } | { readonly text: string };

/** Asks what a rule made of an event of the log, and shows the answer. */
export function WhyAnswer({ rule, eventId }: { readonly rule: AskedRule; readonly eventId: string }): ReactNode {
  const asked = useQuery({
    queryKey: ['explain', rule, eventId], retry: false, staleTime: 30_000,
    queryFn: ({ signal }) => request<RuleExplanation>('/v1/rules/explain', { method: 'POST', body: { ...rule, eventId }, signal }),
  });
  if (asked.isPending) return <Skeleton rows={6} />;
  if (asked.error instanceof ApiFailure && asked.error.code === 'unknown-event') return <EmptyNote title={`There is no event ${eventId} in the log.`}>Ids are written exactly as they were sent. Refused events are among the dead letters.</EmptyNote>;
  if (asked.error) return <ErrorNote what="The event could not be explained." error={asked.error} onRetry={() => { void asked.refetch(); }} />;
  return <Answer explained={asked.data} />;
}

function Answer({ explained }: { readonly explained: RuleExplanation }): ReactNode {
  const { outcome, event, key, verdict, sequence, windows, warm } = explained;
  const rest = summaryRest(explained);
  return (
    <div className="flex flex-col">
      <div className="flex flex-col gap-1 px-4 py-3" role="status">
        <p className="text-reason"><strong className={outcome === 'notFired' ? 'text-danger' : ''}>{outcomeWords[outcome]}.</strong> {rest}</p>
        <p className="text-table text-text-2">{event.type} <code>{event.id}</code>, <Instant at={event.ts} precision="ms" />, seq {formatCount(event.seq)}{event.late ? ', late' : ''}{key.map(({ field, value }) => <span key={field}>, {field} {fieldText(value)}</span>)}{!warm && '. The log does not reach back over all that the rule looks at.'}</p>
      </div>
      {sequence && <Steps sequence={sequence} />}
      {windows && windows.length > 0 && <RuleWindows windows={windows} />}
      {verdict && <Distances verdict={verdict} />}
      {verdict && <Windows windows={verdict.explanation.windows} bucket={windows !== undefined} event={explained.event} />}
    </div>
  );
}

function Distances({ verdict }: { readonly verdict: ConditionVerdict }): ReactNode {
  const lines = distanceLines(verdict);
  if (lines.length === 0) return null;
  return (
    <div className="overflow-x-auto border-t border-hairline" role="group" aria-label="Table of conditions and distances" tabIndex={0}>
      <table className="plain-table">
        <caption className="sr-only">Conditions in source order with what was seen, what was needed and how far each was from turning</caption>
        <thead><tr><th scope="col" className="w-24">Result</th><th scope="col">Condition</th><th scope="col" className="num">Seen</th><th scope="col" className="num">Needs</th><th scope="col" className="num">Until it turns</th><th scope="col" className="num">Line</th></tr></thead>
        <tbody>
          {lines.map((line, i) => (
            <tr key={i} className={line.failsFirst ? 'bg-selected' : ''}>
              <td><OutcomeMark outcome={line.outcome} /></td>
              <td style={{ paddingLeft: 12 + line.depth * 16 }}><code className="text-[0.8125rem] break-words">{line.text}</code>{line.failsFirst && <span className="ml-2 whitespace-nowrap text-meta font-medium text-danger">fails first</span>}</td>
              <td className={`num whitespace-nowrap ${line.outcome === 'not known' ? 'text-medium' : ''}`}>{line.seen || '-'}</td>
              <td className="num whitespace-nowrap text-text-2">{line.needs || '-'}</td>
              <td className="num whitespace-nowrap">{line.distance || '-'}</td>
              <td className="num text-text-2">{line.line}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {verdict.explanation.unknown.length > 0 && <p className="border-t border-hairline px-4 py-2 text-table text-medium">Not known in the event: {verdict.explanation.unknown.join(', ')}</p>}
    </div>
  );
}

function Steps({ sequence }: { readonly sequence: SequenceProgress }): ReactNode {
  const { steps, stepsDone, stepsNeeded, within, next, ended } = sequence;
  return (
    <section aria-label="Steps" className="border-t border-hairline px-4 py-2 text-table">
      <h3 className="flex flex-wrap items-baseline gap-x-3 pb-1 font-normal"><span className="panel-head">Steps</span><span className="text-text-2">{stepsDone} of {stepsNeeded} done{within && `, ${withinText(within)}`}</span></h3>
      <ol className="flex flex-col">
        {steps.map((step) => {
          const fit = next.find(({ name }) => name === step.name);
          return (
            <li key={step.name} className="grid grid-cols-[112px_minmax(0,1fr)_auto] items-baseline gap-x-3 border-t border-hairline py-1 first:border-t-0">
              <span className="text-text-2">{step.contiguity}</span>
              <span className="min-w-0"><strong className="font-medium">{step.name}</strong>{fit && <span className="block break-words text-text-2">{fit.event === undefined && step.count > 0 ? step.state === 'open' ? 'needs more events' : 'may take more events' : fitText(fit)}</span>}{step.events.length > 0 && <span className="block break-words text-text-2">{step.events.slice(-4).map(({ id }) => id).join(', ')}{step.count > 4 ? `, ${formatCount(step.count - 4)} more before` : ''}</span>}</span>
              <span className={step.state === 'missing' || step.state === 'killed' ? 'font-medium text-danger' : step.state === 'done' || step.state === 'clear' ? '' : 'text-text-2'}>{stepWords[step.state]}</span>
            </li>
          );
        })}
      </ol>
      {ended?.event && <p className="pt-1 text-text-2">Ended by {ended.event.type} <code>{ended.event.id}</code> at <Instant at={ended.event.ts} precision="ms" />.</p>}
      {ended && !ended.event && ended.at !== undefined && <p className="pt-1 text-text-2">Its time was over at <Instant at={ended.at} precision="ms" />.</p>}
    </section>
  );
}

function RuleWindows({ windows }: { readonly windows: readonly WindowVerdict[] }): ReactNode {
  const words = { fired: 'fired', notFired: 'did not fire', open: 'still open' } as const;
  return (
    <section aria-label="Windows that hold the event" className="border-t border-hairline px-4 py-2 text-table">
      <h3 className="panel-head pb-1">Windows that hold the event</h3>
      <ul>
        {windows.map(({ start, end, state, verdict }) => (
          <li key={`${start} ${end}`} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 border-t border-hairline py-1 first:border-t-0">
            <span className="min-w-0"><Instant at={start} precision="second" /> to <Instant at={end} precision="second" /><span className="block break-words text-text-2">{verdict.failed?.sentence ?? 'all conditions true'}</span></span>
            <span className={state === 'fired' ? 'font-medium' : 'text-text-2'}>{words[state]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Windows({ windows, bucket, event }: { readonly windows: readonly ExplainedWindow[]; readonly bucket: boolean; readonly event: RuleExplanation['event'] }): ReactNode {
  if (windows.length === 0) return null;
  return (
    <section aria-label="Windows" className="border-t border-hairline py-2">
      <h3 className="panel-head px-4 pb-1">{windows.length === 1 ? 'Window' : 'Windows'}</h3>
      {windows.map((shown, i) => (
        <div key={i} className="pb-1">
          <p className="flex flex-wrap items-baseline gap-x-3 px-4 text-table"><code className="min-w-0 break-words">{shown.text}</code><span className="ml-auto"><strong>{valueText(shown.value)}</strong><span className="text-text-2">, {formatCount(shown.counted)} of {formatCount(shown.size)} events counted</span></span></p>
          <div className="px-2"><MiniTimeline shown={shown} trigger={event.ts > shown.afterTs && event.ts <= shown.untilTs ? event : undefined} bucket={bucket} /></div>
        </div>
      ))}
    </section>
  );
}
