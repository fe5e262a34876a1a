'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import type { Role } from '@weir/contracts';
import { hasRole, useMe } from '../api/session';
import { useFeed } from '../feed/feed-provider';
import { formatTotal } from '../format/number';
import { keyText } from '../keyboard/key-map';
import { Icon } from './icons';

interface Page { readonly name: string; readonly href: string; readonly action: string; readonly icon: 'overview' | 'alerts' | 'cases' | 'rules' | 'ops'; readonly under: readonly string[]; readonly roles?: readonly Role[] }

/** Pages of the left column in order; one that a person may not open stays out. */
export const pages: readonly Page[] = [
  { name: 'Overview', href: '/', action: 'go.overview', icon: 'overview', under: ['/'] },
  { name: 'Alerts', href: '/alerts/', action: 'go.alerts', icon: 'alerts', under: ['/alerts/', '/alert/'] },
  { name: 'Cases', href: '/cases/', action: 'go.cases', icon: 'cases', under: ['/cases/', '/case/'] },
  { name: 'Rules', href: '/rules/', action: 'go.rules', icon: 'rules', under: ['/rules/', '/rule/', '/rule/edit/'] },
  { name: 'Ops', href: '/ops/', action: 'go.pipeline', icon: 'ops', under: ['/ops/', '/ops/dead-letters/'] },
];

function useNote(page: Page): ReactNode {
  const open = useFeed((s) => s.stats?.open);
  const trouble = useFeed((s) => s.ops?.problems.length ?? 0);
  if (page.name === 'Alerts' && open !== undefined) return <span title={`${open} open`}>{formatTotal(open)}</span>;
  if (page.name === 'Ops' && trouble > 0) return <span className="font-semibold text-danger" title={`${trouble} problems`}>!<span className="sr-only"> {trouble} problems</span></span>;
  return null;
}

function NavigationLink({ page, current }: { readonly page: Page; readonly current: boolean }): ReactNode {
  const note = useNote(page);
  return (
    <Link
      href={page.href} aria-current={current ? 'page' : undefined} title={`${page.name} (${keyText(page.action)})`} data-inset-focus
      className={`relative flex h-9 items-center gap-2.5 rounded-control px-2.5 text-table no-underline max-lg:h-12 max-lg:flex-col max-lg:justify-center max-lg:gap-0 max-lg:px-0 ${current ? 'bg-selected font-semibold text-text before:absolute before:inset-y-1.5 before:-left-2 before:w-[3px] before:rounded-r before:bg-accent' : 'font-medium text-text-2 hover:bg-hover hover:text-text'}`}
    >
      <Icon name={page.icon} />
      <span className="max-lg:sr-only">{page.name}</span>
      {note && <span className="ml-auto text-meta text-text-2 max-lg:ml-0">{note}</span>}
    </Link>
  );
}

/** The left column: 184 px, a rail of 56 px below 1200. */
export function Navigation(): ReactNode {
  const pathname = usePathname();
  const me = useMe();
  return (
    <nav aria-label="Pages" data-region tabIndex={-1} className="flex w-[184px] shrink-0 flex-col border-r border-hairline bg-surface px-2 pb-2 max-lg:w-14 print:hidden">
      <Link href="/" data-inset-focus className="flex h-12 shrink-0 items-center gap-2 px-2 text-text no-underline max-lg:justify-center max-lg:px-0">
        <svg aria-hidden="true" viewBox="0 0 20 20" width="20" height="20"><rect x="1" y="2" width="3" height="16" fill="var(--accent)" /><rect x="16" y="2" width="3" height="16" fill="var(--accent)" /><path d="M4 8c2-2 4 2 6 0s4 2 6 0M4 13c2-2 4 2 6 0s4 2 6 0" stroke="var(--accent)" strokeWidth="1.6" fill="none" /></svg>
        <span className="text-body font-semibold tracking-wide max-lg:sr-only">Weir</span>
      </Link>
      <ul className="mt-2 flex flex-col gap-0.5">
        {pages.filter((page) => !page.roles || hasRole(me, ...page.roles)).map((page) => (
          <li key={page.href}><NavigationLink page={page} current={page.under.includes(pathname)} /></li>
        ))}
      </ul>
      <p className="mt-auto px-2.5 text-meta text-text-3 max-lg:hidden">Weir {me.version}</p>
    </nav>
  );
}
