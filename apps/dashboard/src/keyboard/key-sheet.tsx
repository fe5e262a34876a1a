'use client';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Icon } from '../shell/icons';
import { Modal } from '../shell/modal';
import type { KeyPlace } from './key-map';
import { offeredBindings } from './keyboard-provider';

const places: readonly KeyPlace[] = ['Alert and rows', 'Lists', 'Rules and editor', 'Charts', 'Everywhere'];

function chordText(chord: string): string { return chord.replaceAll('+', ' ').replace('ArrowDown', 'Down').replace('ArrowUp', 'Up').replace('Escape', 'Esc'); }

/** The keys that do something on this page, searchable. */
export function KeySheet({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [offered] = useState(offeredBindings);
  const [text, setText] = useState('');
  const found = offered.filter((b) => `${b.label} ${b.keys.join(' ')}`.toLowerCase().includes(text.toLowerCase()));
  return (
    <Modal label="Keys" onClose={onClose} className="w-[760px]">
      <div className="flex max-h-[80vh] flex-col">
        <div className="flex items-center gap-3 border-b border-hairline p-4">
          <h2 className="text-title">Keys</h2>
          <input autoFocus className="field ml-auto w-56" type="search" aria-label="Search keys" placeholder="Search keys" value={text} onChange={(e) => { setText(e.target.value); }} />
          <button type="button" className="btn btn-quiet btn-icon" aria-label="Close" onClick={onClose}><Icon name="close" /></button>
        </div>
        <div className="min-h-40 columns-2 gap-8 overflow-y-auto p-4 max-md:columns-1" tabIndex={0} role="region" aria-label="Keys of this page">
          {places.map((place) => ({ place, rows: found.filter((b) => b.place === place) })).filter((g) => g.rows.length > 0).map(({ place, rows }) => (
            <section key={place} className="mb-4 break-inside-avoid">
              <h3 className="mb-1 text-meta text-text-2">{place}</h3>
              <dl>
                {rows.map((b) => (
                  <div key={b.action} className="flex items-center justify-between gap-4 py-0.5 text-table">
                    <dt>{b.label}</dt>
                    <dd className="flex gap-1">{b.keys.map((k) => <kbd key={k} className="key">{chordText(k)}</kbd>)}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
          {found.length === 0 && <p className="text-text-2">No key matches.</p>}
        </div>
      </div>
    </Modal>
  );
}
