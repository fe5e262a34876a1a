'use client';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { createStore } from '../api/external-store';
import { announce } from '../shell/announcer';
import { popUndo, pushUndo, takeUndo } from './undo-stack';
import type { Undoable } from './undo-stack';

interface Act extends Undoable { readonly run: () => Promise<string> }
interface Toast { readonly id: number; readonly text: string; readonly tone: 'plain' | 'bad'; readonly undo: boolean }

const undoStore = createStore<readonly Act[]>([]);
const toastStore = createStore<readonly Toast[]>([]);
let lastId = 0;

/** Shows one line for 10 s. Failures are also spoken at once. */
export function toast(text: string, tone: Toast['tone'] = 'plain'): void {
  lastId += 1;
  toastStore.set([...toastStore.get(), { id: lastId, text, tone, undo: false }].slice(-3));
  announce(text, tone === 'bad' ? 'assertive' : 'polite');
}

/** Puts something on the undo stack and shows its toast. `run` takes it back and returns the sentence that says so; it throws with the reason when it cannot. */
export function offerUndo(label: string, lifeMs: number, run: () => Promise<string>): void {
  lastId += 1;
  const at = Date.now();
  undoStore.set(pushUndo(undoStore.get(), { id: lastId, label, at, until: at + lifeMs, run }));
  toastStore.set([...toastStore.get(), { id: lastId, text: label, tone: 'plain' as const, undo: true }].slice(-3));
  announce(`${label}. Z undoes it.`);
}

async function take(item: Act | undefined): Promise<void> {
  if (!item) { toast('Nothing to undo.'); return; }
  dismiss(item.id);
  try {
    toast(await item.run());
  } catch (error) {
    toast(error instanceof Error ? `Not undone. ${error.message}` : 'Not undone.', 'bad');
  }
}

/** Undoes the newest thing of this tab. */
export async function undoLast(): Promise<void> {
  const { item, rest } = popUndo(undoStore.get(), Date.now());
  undoStore.set(rest);
  await take(item);
}

function undoOne(id: number): void {
  const { item, rest } = takeUndo(undoStore.get(), id, Date.now());
  undoStore.set(rest);
  void take(item);
}

function dismiss(id: number): void { toastStore.set(toastStore.get().filter((t) => t.id !== id)); }

/** The newest undoable thing's label, for the palette. */
export function useUndoLabel(): string | undefined {
  return useSyncExternalStore(undoStore.subscribe, () => undoStore.get().at(-1)?.label, () => undefined);
}

function ToastLine({ item }: { readonly item: Toast }): ReactNode {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return undefined;
    const timer = window.setTimeout(() => { dismiss(item.id); }, 10_000);
    return () => { window.clearTimeout(timer); };
  }, [held, item.id]);
  return (
    <li
      className={`flex items-center gap-3 rounded-dialog border bg-surface py-2 pr-2 pl-4 text-table shadow-layer ${item.tone === 'bad' ? 'border-danger' : 'border-control'}`}
      onMouseEnter={() => { setHeld(true); }} onMouseLeave={() => { setHeld(false); }} onFocus={() => { setHeld(true); }} onBlur={() => { setHeld(false); }}
    >
      <span className={item.tone === 'bad' ? 'text-danger' : ''}>{item.text}</span>
      {item.undo && <button type="button" className="btn" aria-keyshortcuts="Z Control+Z" onClick={() => { undoOne(item.id); }}>Undo <kbd className="key">Z</kbd></button>}
      <button type="button" className="btn btn-quiet btn-icon" aria-label={`Dismiss: ${item.text}`} onClick={() => { dismiss(item.id); }}>×</button>
    </li>
  );
}

/** Toasts at the bottom left, above a bar that lies there (`data-bottom-bar`); never takes focus by itself. */
export function Toasts(): ReactNode {
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.get, () => []);
  return (
    <section aria-label="Messages" data-region tabIndex={-1} className="toasts fixed left-4 z-40 max-w-[min(560px,calc(100vw-32px))] print:hidden">
      <ul className="flex flex-col items-start gap-2">{toasts.map((item) => <ToastLine key={item.id} item={item} />)}</ul>
    </section>
  );
}
