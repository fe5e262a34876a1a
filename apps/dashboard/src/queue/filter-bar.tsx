'use client';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { formatCount } from '../format/number';
import { Icon } from '../shell/icons';
import type { Waiting } from './arrivals';
import { everything, filterHelp, filterTerms, readFilter, writeFilter } from './queue-filter';
import type { QueueFilter } from './queue-filter';

/** Filter text with its hint, a chip a term, and the pill of what has arrived. A mistake shows its hint; the last valid result stays. */
export function FilterBar({ filter, onFilter, waiting, onShowNew }: { readonly filter: QueueFilter; readonly onFilter: (next: QueueFilter) => void; readonly waiting: Waiting; readonly onShowNew: () => void }): ReactNode {
  const written = writeFilter(filter);
  const [text, setText] = useState(written);
  useEffect(() => { setText(written); }, [written]);
  const { filter: read, problems } = readFilter(text);
  const [problem] = problems;
  const [writing, setWriting] = useState(false);
  const terms = filterTerms(filter);
  const plain = written === writeFilter(everything);
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 pb-2">
      <form role="search" className="flex min-w-0 flex-1 basis-80 flex-col" onSubmit={(e) => { e.preventDefault(); if (!problem) onFilter(read); }}>
        <span className="field flex items-center gap-2 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
          <Icon name="search" className="text-text-3" />
          <input
            id="queue-filter" className="min-w-0 flex-1 bg-transparent outline-none" aria-label="Filter" aria-invalid={problem !== undefined} aria-describedby="filter-hint" autoComplete="off" spellCheck={false}
            placeholder='severity:critical,high rule:… assignee:me "words"' value={text}
            onFocus={() => { setWriting(true); }} onBlur={() => { setWriting(false); }} onChange={(e) => { setText(e.target.value); }} onKeyDown={(e) => { if (e.key === 'Escape') { e.preventDefault(); setText(written); e.currentTarget.blur(); } }}
          />
          {text !== written && <button type="submit" className="link text-table" disabled={problem !== undefined}>Apply</button>}
          <kbd className="key">/</kbd>
        </span>
      </form>
      {!plain && terms.map((term) => (
        <span key={term.text} className="inline-flex h-7 max-w-72 items-center gap-1 rounded-full border border-control bg-surface pr-1 pl-2.5 text-meta">
          <span className="truncate">{term.text.replace(':', ': ').replaceAll(',', ', ')}</span>
          <button type="button" className="btn-quiet inline-flex size-6 items-center justify-center rounded-full hover:bg-hover" aria-label={`Remove ${term.text}`} onClick={() => { onFilter(term.without); }}><Icon name="close" className="size-3" /></button>
        </span>
      ))}
      {!plain && <button type="button" className="link text-table" onClick={() => { onFilter(everything); }}>Clear</button>}
      {waiting.count > 0 && (
        <button type="button" className="btn rounded-full border-accent" aria-keyshortcuts="." onClick={onShowNew}>
          ↑ {formatCount(waiting.count)} new{waiting.critical > 0 && <strong className="font-semibold text-critical">{formatCount(waiting.critical)} critical</strong>} <kbd className="key">.</kbd>
        </button>
      )}
      <p id="filter-hint" className={`basis-full text-meta ${problem ? 'text-danger' : writing ? 'text-text-2' : 'sr-only'}`}>{problem ? `${text.slice(problem.start, problem.end)}: ${problem.hint}` : filterHelp}</p>
    </div>
  );
}
