'use client';
import { useEffect, useRef, useState } from 'react';
import { createStore } from '../api/external-store';
import { getPreferences } from '../shell/preferences';
import { bindings, resolveKey } from './key-map';
import type { Binding, KeyPress } from './key-map';

export type ActionHandlers = Readonly<Record<string, (() => void) | undefined>>;
interface Layer { readonly order: number; readonly modal: boolean; readonly handlers: () => ActionHandlers }

const layers = new Set<Layer>();
/** First key of a sequence, shown in the top bar while it waits. */
export const pendingKey = createStore<string | undefined>(undefined);
let pendingTimer: number | undefined;
let lastOrder = 0;

/** Actions on offer, innermost layer first. While a modal dialog is open only modal layers count. */
function activeLayers(): readonly Layer[] {
  const modalOpen = document.querySelector('dialog:modal') !== null;
  return [...layers].filter((layer) => !modalOpen || layer.modal).sort((a, b) => b.order - a.order);
}

function offered(layer: Layer): ReadonlySet<string> {
  return new Set(Object.entries(layer.handlers()).filter(([, handler]) => handler).map(([action]) => action));
}

/**
 * Offers keyboard actions while mounted. The innermost and newest come first; `undefined` handlers count as not offered.
 *
 * @param modal true inside an open modal dialog, where every other layer is silent.
 */
export function useActions(handlers: ActionHandlers, modal = false): void {
  const latest = useRef(handlers);
  useEffect(() => { latest.current = handlers; });
  // Taken while rendering, where parents come before their children: effects run the other way round, and a page loaded at once would lose to the frame around it.
  const [order] = useState(() => { lastOrder += 1; return lastOrder; });
  useEffect(() => {
    const layer: Layer = { order, modal, handlers: () => latest.current };
    layers.add(layer);
    return () => { layers.delete(layer); };
  }, [modal, order]);
}

/** Bindings that do something here and now, for the key sheet and the palette. */
export function offeredBindings(): ReadonlyArray<Binding & { readonly run: () => void }> {
  const found: Array<Binding & { run: () => void }> = [];
  for (const layer of [...layers].sort((a, b) => b.order - a.order)) {
    const handlers = layer.handlers();
    for (const each of bindings) {
      const run = handlers[each.action];
      if (run && !found.some((f) => f.action === each.action)) found.push({ ...each, run });
    }
  }
  return found.sort((a, b) => bindings.findIndex((x) => x.action === a.action) - bindings.findIndex((x) => x.action === b.action));
}

function targetKind(target: EventTarget | null): KeyPress['target'] {
  if (!(target instanceof HTMLElement)) return 'other';
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return 'text';
  if (target instanceof HTMLInputElement) return ['checkbox', 'radio', 'button', 'submit'].includes(target.type) ? 'button' : 'text';
  return target.closest('button, a[href], summary, [role="option"]') ? 'button' : 'other';
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const press: KeyPress = {
    key: event.key, ctrl: event.ctrlKey, meta: event.metaKey, alt: event.altKey, shift: event.shiftKey,
    composing: event.isComposing || event.keyCode === 229, target: targetKind(event.target),
  };
  const active = activeLayers();
  const result = resolveKey(press, { pending: pendingKey.get(), singleKeys: getPreferences().singleKeys, layers: active.map(offered) });
  window.clearTimeout(pendingTimer);
  pendingKey.set(undefined);
  if (result.kind === 'pending') {
    event.preventDefault();
    pendingKey.set(result.first);
    pendingTimer = window.setTimeout(() => { pendingKey.set(undefined); }, 1_500);
  }
  if (result.kind === 'action') {
    event.preventDefault();
    for (const layer of active) {
      const run = layer.handlers()[result.action];
      if (run) { run(); return; }
    }
  }
}

/** Listens once for the whole desk. */
export function KeyboardListener(): null {
  useEffect(() => {
    document.addEventListener('keydown', onKeyDown);
    return () => { document.removeEventListener('keydown', onKeyDown); };
  }, []);
  return null;
}
