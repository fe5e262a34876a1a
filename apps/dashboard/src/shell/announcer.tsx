'use client';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { createStore } from '../api/external-store';

const polite = createStore('');
const assertive = createStore('');

/** Says something to screen readers. `assertive` only for: session ends, feed lost, action failed. */
export function announce(text: string, how: 'polite' | 'assertive' = 'polite'): void {
  const store = how === 'polite' ? polite : assertive;
  // The same text twice needs a change to be spoken again.
  store.set(store.get() === text ? `${text}\u00A0` : text);
}

/** The two live regions of the page. */
export function LiveRegions(): ReactNode {
  const politeText = useSyncExternalStore(polite.subscribe, polite.get, () => '');
  const assertiveText = useSyncExternalStore(assertive.subscribe, assertive.get, () => '');
  const [ready, setReady] = useState(false);
  useEffect(() => { setReady(true); }, []);
  return (
    <>
      <div className="sr-only top-0 left-0" role="status" aria-live="polite">{ready ? politeText : ''}</div>
      <div className="sr-only top-0 left-0" role="alert" aria-live="assertive">{ready ? assertiveText : ''}</div>
    </>
  );
}
