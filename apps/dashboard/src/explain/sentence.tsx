'use client';
import type { ReactNode } from 'react';
import type { Alert } from '@weir/contracts';
import { sentencePieces } from './reading';

/** The reason; each value in it is a button that highlights its condition and events, when `onName` is given. */
export function Sentence({ alert, hot, onName, heading = false }: { readonly alert: Alert; readonly hot?: string | undefined; readonly onName?: (name: string | undefined) => void; readonly heading?: boolean }): ReactNode {
  const Tag = heading ? 'h1' : 'p';
  return (
    <Tag className={heading ? 'text-title' : 'text-reason font-semibold'}>
      {sentencePieces(alert).map((piece, i) => {
        const { name } = piece;
        if (name === undefined) return <span key={i}>{piece.text}</span>;
        if (!onName) return <span key={i} className="underline decoration-dotted decoration-from-font underline-offset-4" title={name}>{piece.text}</span>;
        const isHot = hot === name || (hot !== undefined && name.startsWith(`${hot}.`)); // a step's name lights all that is read from it
        return (
          <button
            key={i} type="button" aria-pressed={isHot} title={`Show ${name}`} onClick={() => { onName(isHot ? undefined : name); }}
            className={`rounded-control px-0.5 underline decoration-accent decoration-2 underline-offset-4 hover:bg-hover ${isHot ? 'bg-selected' : ''}`}
          >
            {piece.text}
          </button>
        );
      })}
    </Tag>
  );
}
