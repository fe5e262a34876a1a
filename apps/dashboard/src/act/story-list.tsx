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
    <ol className="flex flex-col text-table">
      {ordered.map((item, i) => (
        <li key={`${item.at}-${i}`} className="grid grid-cols-[auto_88px_minmax(0,1fr)] gap-x-3 border-t border-hairline py-1.5 first:border-t-0">
          <span className="text-text-2"><Instant at={item.at} precision="minute" /></span>
          <span className="truncate font-medium" title={item.actor}>{item.actor === me.user.name ? 'You' : item.actor}</span>
          <span className="break-words whitespace-pre-wrap">{item.text}</span>
        </li>
      ))}
    </ol>
  );
}
