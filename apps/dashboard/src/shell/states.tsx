'use client';
import { useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiFailure } from '../api/request';
import { useNow } from './clock';

function adviceOf(error: unknown): string {
  if (!(error instanceof ApiFailure)) return '';
  if (error.status === 0) return 'The server did not answer. Nothing was changed.';
  if (error.status === 403) return `${error.message} An admin can give the role.`;
  if (error.status === 429) return `The server takes no more requests for a moment${error.problem?.detail === undefined ? '' : ` (${error.problem.detail.replace(/\.$/, '')})`}. Nothing is lost.`;
  if (error.status === 404) return 'It is not here (any more): the link may be old.';
  return error.message;
}

/** A failure in the place that failed: what, whether something was lost, what to do, and a code to copy. 429 counts down and tries again. */
export function ErrorNote({ what, error, onRetry, actions }: { readonly what: string; readonly error: unknown; readonly onRetry?: () => void; readonly actions?: ReactNode }): ReactNode {
  const code = error instanceof ApiFailure ? error.code : 'APP';
  const wait = error instanceof ApiFailure && error.status === 429 ? error.retryAfterMs ?? 5_000 : undefined;
  return (
    <div role="alert" className="panel m-4 flex flex-wrap items-center gap-x-4 gap-y-2 border-l-4 border-l-danger p-4">
      <p className="min-w-0 flex-1"><strong>{what}</strong> {adviceOf(error)}</p>
      <code className="text-meta text-text-2">{code}</code>
      {wait !== undefined && onRetry ? <Countdown waitMs={wait} error={error} onEnd={onRetry} /> : onRetry && <button type="button" className="btn" onClick={onRetry}>Try again</button>}
      {actions}
    </div>
  );
}

/** Counts down from each failure anew. */
function Countdown({ waitMs, error, onEnd }: { readonly waitMs: number; readonly error: unknown; readonly onEnd: () => void }): ReactNode {
  const now = useNow();
  // `error` stands for the failure that is waited for; its identity changes with each try.
  const until = useMemo(() => Date.now() + waitMs, [error, waitMs]);
  const left = Math.max(0, Math.ceil((until - now) / 1_000));
  useEffect(() => {
    const timer = window.setTimeout(onEnd, Math.max(0, until - Date.now()));
    return () => { window.clearTimeout(timer); };
    // the end belongs to the failure's wait, whatever `onEnd` is by then
  }, [until]);
  return <span className="text-text-2">Trying again in {left} s</span>;
}

/** One of the three kinds of empty: a bold sentence, a line of facts, buttons. */
export function EmptyNote({ title, children, actions }: { readonly title: string; readonly children?: ReactNode; readonly actions?: ReactNode }): ReactNode {
  return (
    <div className="flex flex-col items-start gap-3 p-8">
      <p className="text-reason font-semibold">{title}</p>
      {children && <p className="max-w-[68ch] text-text-2">{children}</p>}
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}

/** Grey bars in the final layout, shown after 150 ms; over 5 s it says so. */
export function Skeleton({ rows = 8, rowHeight = 32 }: { readonly rows?: number; readonly rowHeight?: number }): ReactNode {
  const [waitedMs, setWaited] = useState(0);
  useEffect(() => {
    const soon = window.setTimeout(() => { setWaited(150); }, 150);
    const long = window.setInterval(() => { setWaited((ms) => ms + 1_000); }, 1_000);
    return () => { window.clearTimeout(soon); window.clearInterval(long); };
  }, []);
  return (
    <div aria-busy="true" className="p-4">
      {waitedMs > 5_000 && <p className="mb-2 text-text-2">Still working ({Math.floor(waitedMs / 1_000)} s)</p>}
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="flex items-center gap-4" style={{ height: rowHeight, visibility: waitedMs >= 150 ? 'visible' : 'hidden' }}>
          <div className="skeleton h-3 w-16" /><div className="skeleton h-3 w-8" /><div className="skeleton h-3 flex-1" /><div className="skeleton h-3 w-24" /><div className="skeleton h-3 w-20" />
        </div>
      ))}
    </div>
  );
}
