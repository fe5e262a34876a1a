'use client';
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let now = 0;
let timer: number | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = window.setInterval(() => {
      now = Date.now();
      for (const each of [...listeners]) each();
    }, 1_000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) { window.clearInterval(timer); timer = undefined; }
  };
}

/** The present, once a second, one ticker for all visible cells. 0 while the page is being exported. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now || (now = Date.now()), () => 0);
}

/** The present in steps of `stepMs`: rerenders only when the step changes. */
export function useNowStep(stepMs: number): number {
  return useSyncExternalStore(subscribe, () => Math.floor((now || (now = Date.now())) / stepMs) * stepMs, () => 0);
}
