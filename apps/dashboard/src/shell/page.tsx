'use client';
import { useEffect } from 'react';
import type { ReactNode } from 'react';

/** The main region of a page with its heading and title. `fill`: the page scrolls inside (tables), else the region scrolls. */
export function Page({ title, heading, note, actions, fill = false, children }: {
  readonly title: string; readonly heading?: ReactNode; readonly note?: ReactNode; readonly actions?: ReactNode; readonly fill?: boolean; readonly children: ReactNode;
}): ReactNode {
  useEffect(() => { document.title = `${title} · Weir`; }, [title]);
  return (
    <main id="main" data-region tabIndex={-1} className={`flex min-h-0 min-w-0 flex-1 flex-col ${fill ? 'overflow-hidden' : 'overflow-y-auto'}`}>
      {heading !== undefined && (
        <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 px-4 pt-3 pb-2">
          <h1 className="text-title">{heading}</h1>
          {note && <div className="text-table text-text-2">{note}</div>}
          {actions && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
      )}
      {children}
    </main>
  );
}
