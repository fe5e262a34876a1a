'use client';
import { useEffect, useState } from 'react';
import type { RefObject } from 'react';

/** Width of an element in px, followed as it changes; `before` until it was measured. */
export function useWidth(element: RefObject<Element | null>, before: number): number {
  const [width, setWidth] = useState(before);
  useEffect(() => {
    const observed = element.current;
    if (!observed) return undefined;
    const observer = new ResizeObserver(([entry]) => { if (entry && entry.contentRect.width > 0) setWidth(Math.round(entry.contentRect.width)); });
    observer.observe(observed);
    return () => { observer.disconnect(); };
  }, [element]);
  return width;
}
