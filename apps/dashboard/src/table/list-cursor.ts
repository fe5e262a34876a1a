'use client';
import { useRef, useState } from 'react';
import type { RefObject } from 'react';
import { usePreferences } from '../shell/preferences';

const places = new Map<string, { cursor: number; scrollTop: number }>();

/** Cursor, scroll element and row height of a list; the cursor is where it was when the list is opened again. */
export function useListCursor(name: string): { readonly cursor: number; readonly onCursor: (index: number) => void; readonly scroller: RefObject<HTMLDivElement | null>; readonly rowHeight: number } {
  const [cursor, setCursor] = useState(() => places.get(name)?.cursor ?? 0);
  const scroller = useRef<HTMLDivElement>(null);
  const { density } = usePreferences();
  return {
    cursor, scroller, rowHeight: density === 'compact' ? 32 : 40,
    onCursor: (index) => { setCursor(index); places.set(name, { cursor: index, scrollTop: scroller.current?.scrollTop ?? 0 }); },
  };
}
