'use client';
import { useSyncExternalStore } from 'react';
import { createStore } from '../api/external-store';
import type { Zone } from '../format/time';
import { preferencesKey } from './preferences-script';

/** What a person set for this browser. */
export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark';
  readonly zone: Zone;
  readonly density: 'compact' | 'comfortable';
  readonly singleKeys: boolean;
  /** After a decision on the alert page the next one opens by itself. */
  readonly autoAdvance: boolean;
  readonly follow: boolean;
  readonly peek: boolean;
  readonly reasons: Readonly<Record<string, string>>;
  readonly checklistHidden: boolean;
}

export const defaults: Preferences = { theme: 'system', zone: 'utc', density: 'compact', singleKeys: true, autoAdvance: true, follow: false, peek: true, reasons: {}, checklistHidden: false };

function load(): Preferences {
  try {
    const saved: unknown = JSON.parse(window.localStorage.getItem(preferencesKey) ?? '{}');
    // Own writing, read back; unknown keys do no harm and missing ones take the default.
    return typeof saved === 'object' && saved !== null ? { ...defaults, ...(saved as Partial<Preferences>) } : defaults;
  } catch {
    return defaults; // storage is blocked or holds foreign text
  }
}

const store = createStore<Preferences>(typeof window === 'undefined' ? defaults : load());

export function setPreferences(change: Partial<Preferences>): void {
  const next = { ...store.get(), ...change };
  store.set(next);
  applyTheme(next.theme);
  try { window.localStorage.setItem(preferencesKey, JSON.stringify(next)); } catch { /* blocked storage: kept for this page only */ }
}

export function getPreferences(): Preferences { return store.get(); }

export function usePreferences(): Preferences {
  return useSyncExternalStore(store.subscribe, store.get, () => defaults);
}

function applyTheme(theme: Preferences['theme']): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
