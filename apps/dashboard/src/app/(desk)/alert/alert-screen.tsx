'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { AlertDetail, AlertRow, Disposition } from '@weir/contracts';
import { useDecide, useErrand } from '../../../act/decide';
import { newest, useLiveRow } from '../../../act/live-rows';
import { toast } from '../../../act/toasts';
import { mayDecide, useMe } from '../../../api/session';
import { formatCountdown } from '../../../format/time';
import { useActions } from '../../../keyboard/keyboard-provider';
import { alertQuery } from '../../../queue/peek';
import { contextRow, queueContext, setQueueContext } from '../../../queue/queue-windows';
import { SeverityBadge } from '../../../shell/badges';
import { useNow } from '../../../shell/clock';
import { Icon } from '../../../shell/icons';
import { Page } from '../../../shell/page';
import { getPreferences } from '../../../shell/preferences';
import { EmptyNote, ErrorNote, Skeleton } from '../../../shell/states';
import { Deadline } from '../../../shell/time-text';
import { Activity } from './activity';
import { DecidePanel } from './decide-panel';
import { Evidence } from './evidence';
import { SubjectPanel } from './subject-panel';

/** Alert by `?id=`. */
export function AlertScreen(): ReactNode {
  const params = useSearchParams();
  const id = params.get('id');
  const detail = useQuery({ ...alertQuery(id ?? ''), enabled: id !== null });
  if (id === null) return <Page title="Alert" heading="Alert"><EmptyNote title="No alert is named in this address." actions={<Link className="btn btn-primary" href="/alerts/">Open the queue</Link>} /></Page>;
  if (detail.error && !detail.data) return <Page title="Alert" heading="Alert"><ErrorNote what="The alert could not be read." error={detail.error} onRetry={() => { void detail.refetch(); }} actions={<Link href="/alerts/" className="btn">Open the queue</Link>} /></Page>;
  if (!detail.data) return <Page title="Alert" heading="Alert"><Skeleton rows={14} /></Page>;
  return <AlertBody key={id} detail={detail.data} taken={params.get('from') === 'next'} />;
}

function useWalk(row: AlertRow): { readonly position: string | undefined; readonly step: (by: 1 | -1, replace?: boolean) => Promise<boolean> } {
  const queries = useQueryClient();
  const context = queueContext();
  return {
    position: context && `${context.index + 1} of ${context.total}`,
    step: async (by, skipDecided = false) => {
      const where = queueContext();
      if (!where) return false;
      for (let index = where.index + by; index >= 0 && index < where.total; index += by) {
        const next = await contextRow(queries, where, index);
        if (!next) return false;
        if (skipDecided && newest(next).status !== 'open') continue;
        setQueueContext({ ...where, index });
        if (next.id !== row.id) window.history.replaceState(null, '', `/alert/?id=${encodeURIComponent(next.id)}`); // same page: nothing to load

        const after = await contextRow(queries, where, index + by);
        if (after) void queries.prefetchQuery({ ...alertQuery(after.id), staleTime: 60_000 });
        return true;
      }
      return false;
    },
  };
}

function Held({ row }: { readonly row: AlertRow }): ReactNode {
  const me = useMe();
  const now = useNow();
  if (row.status === 'closed') return null;
  if (row.assignee === undefined) return <span className="text-text-2">nobody holds it</span>;
  const mine = row.assignee === me.user.name;
  return <span className="text-text-2">held by {mine ? 'you' : row.assignee}{mine && row.leaseUntil !== undefined && row.leaseUntil > now && `, ${formatCountdown(row.leaseUntil, now)} left`}</span>;
}

function AlertBody({ detail, taken }: { readonly detail: AlertDetail; readonly taken: boolean }): ReactNode {
  const me = useMe();
  const router = useRouter();
  const live = useLiveRow(detail.row.id);
  const row = newest(detail.row);
  const walk = useWalk(row);
  const decide = useDecide();
  const errand = useErrand();
  const [choice, setChoice] = useState<Disposition>();
  const note = useRef<HTMLTextAreaElement>(null);
  const conditions = useRef<HTMLElement>(null);
  const subject = useRef<HTMLElement>(null);

  const step = (by: 1 | -1): void => { void walk.step(by).then((moved) => { if (!moved) toast(by > 0 ? 'This is the last alert of the list.' : 'This is the first alert of the list.'); }); };
  const canAct = row.status === 'open' && mayDecide(me);
  const choose = (d: Disposition) => (canAct ? (): void => { setChoice(d); } : undefined);
  const link = `/alert/?id=${encodeURIComponent(row.id)}`;
  useActions({
    escape: choice ? () => { setChoice(undefined); } : () => { router.push('/alerts/'); },
    'decide.confirmed_fraud': choose('confirmed_fraud'), 'decide.false_positive': choose('false_positive'), 'decide.suspicious': choose('suspicious'), 'decide.duplicate': choose('duplicate'), 'decide.no_action': choose('no_action'),
    'alert.claim': canAct ? () => { void errand(row, { kind: row.assignee === me.user.name ? 'release' : 'claim' }); } : undefined,
    'alert.assign': canAct ? () => { void errand(row, { kind: 'assign', assignee: row.assignee === me.user.name ? null : me.user.name }); } : undefined,
    'alert.note': () => { note.current?.focus(); },
    'alert.case': () => { router.push(`/case/?id=${encodeURIComponent(row.caseId)}`); },
    'alert.why': () => { conditions.current?.focus(); },
    'alert.subject': () => { subject.current?.focus(); },
    'alert.copy': () => { void navigator.clipboard.writeText(`${window.location.origin}${link}`).then(() => { toast('Link copied.'); }, () => { toast('The link could not be copied.', 'bad'); }); },
    'alert.next': () => { step(1); },
    'alert.previous': () => { step(-1); },
    'go.subject': () => { router.push(`/alerts/?q=${encodeURIComponent(`status:all subject:${row.subject.token}`)}`); },
  });

  return (
    <Page title={`${row.reason} · Alert`} fill>
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-hairline bg-surface px-4 py-2 text-table">
        <Link href="/alerts/" className="link inline-flex items-center gap-1"><Icon name="left" />Alerts</Link>
        {walk.position && (
          <span className="flex items-center gap-2 text-text-2">
            {walk.position}
            <button type="button" className="btn" aria-keyshortcuts="K [" onClick={() => { step(-1); }}><kbd className="key">K</kbd>Previous</button>
            <button type="button" className="btn" aria-keyshortcuts="J ]" onClick={() => { step(1); }}><kbd className="key">J</kbd>Next</button>
          </span>
        )}
        <SeverityBadge severity={row.severity} />
        <span>score <strong>{row.score}</strong></span>
        <Link className="link" href={`/rule/edit/?id=${encodeURIComponent(row.rule)}`} title={`${row.title}, version ${detail.alert.ruleVersion}`}>{row.rule}</Link>
        {detail.alert.mode === 'shadow' && <span className="rounded-control bg-sunken px-1.5">shadow</span>}
        <span className="ml-auto flex items-center gap-4"><Held row={row} />{row.status === 'open' && <span className="inline-flex items-center gap-1.5"><span className="text-text-2">SLA</span><Deadline dueAt={row.slaDueAt} /></span>}</span>
      </div>
      {live?.failure && <p role="alert" className="border-b border-hairline bg-banner px-4 py-2 text-table text-on-banner">{live.failure}</p>}
      <div className="relative flex min-h-0 flex-1 overflow-y-auto max-lg:flex-col max-lg:[scroll-padding-bottom:220px]">
        <div className="min-w-0 flex-1 max-lg:flex-none lg:overflow-y-auto"><Evidence detail={detail} conditionsRef={conditions} /></div>
        <div className="flex w-[400px] shrink-0 flex-col gap-3 border-l border-hairline p-3 max-lg:contents lg:overflow-y-auto">
          <DecidePanel
            detail={detail} row={row} choice={choice} onChoice={setChoice} taken={taken}
            onDecide={async (rows, verdict) => {
              setChoice(undefined);
              const saving = decide(rows, verdict);
              if (getPreferences().autoAdvance && queueContext() && !taken) {
                const moved = await walk.step(1, true);
                if (!moved) void saving.then((ok) => { if (ok) router.push('/alerts/'); });
              }
              return saving;
            }}
          />
          <SubjectPanel detail={detail} panelRef={subject} />
          <Activity detail={detail} noteRef={note} />
        </div>
      </div>
    </Page>
  );
}
