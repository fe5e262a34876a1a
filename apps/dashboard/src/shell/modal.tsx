'use client';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

/** A native modal dialog: traps focus, makes the page inert, gives focus back where it was. Mounted means open. */
export function Modal({ label, onClose, children, className = '' }: { readonly label: string; readonly onClose: () => void; readonly children: ReactNode; readonly className?: string }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const before = useRef<Element | null>(null);
  useEffect(() => {
    before.current = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    return () => {
      element?.close();
      if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog} aria-label={label} onCancel={(e) => { e.preventDefault(); onClose(); }} onClick={(e) => { if (e.target === dialog.current) onClose(); }}
      className={`mx-auto mt-[10vh] mb-auto max-h-[80vh] max-w-[calc(100vw-32px)] overflow-hidden rounded-dialog border border-hairline bg-surface p-0 shadow-layer ${className}`}
    >
      {children}
    </dialog>
  );
}
