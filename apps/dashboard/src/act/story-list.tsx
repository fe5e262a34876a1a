'use client';
import type { ReactNode } from 'react';
import type { ActivityItem } from '@weir/contracts';
import { useMe } from '../api/session';
import { Instant } from '../shell/time-text';

/** One line a fact, newest first. */
export function StoryList({ items }: { readonly items: readonly ActivityItem[] }): ReactNode {
  const me = useMe();
  const ordered = [...items].sort((a, b) => b.at - a.at);
  return (
    <ol className="grid grid-cols-[auto_minmax(48px,auto)_minmax(0,1fr)] gap-x-3 text-table">
      {ordered.map((item, i) => (
        <li key={`${item.at}-${i}`} className="col-span-3 grid grid-cols-subgrid border-t border-hairline py-1.5 first:border-t-0">
          <span className="whitespace-nowrap text-text-2"><Instant at={item.at} precision="minute" /></span>
          <span className="max-w-28 truncate font-medium" title={item.actor}>{item.actor === me.user.name ? 'You' : item.actor}</span>
          <span className="break-words whitespace-pre-wrap">{item.text}</span>
        </li>
      ))}
    </ol>
  );
}
