'use client';
import { columnVisibilityFeature, tableFeatures, useTable } from '@tanstack/react-table';
import type { ColumnDef } from '@tanstack/react-table';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import type { Range } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import type { MouseEvent, ReactNode, RefObject } from 'react';
import { useWidth } from '../shell/use-width';
import { useActions } from '../keyboard/keyboard-provider';

/** One column; `from` is the width of the grid in px from which it is shown (priority by dropping). */
export interface GridColumn<T> {
  readonly id: string;
  readonly header: string;
  /** CSS grid track: `96px`, `minmax(0, 1fr)`. */
  readonly track: string;
  readonly end?: boolean;
  readonly from?: number;
  readonly sort?: { readonly direction: 'ascending' | 'descending' | 'none'; readonly onSort: () => void };
  readonly cell: (row: T) => ReactNode;
}

export interface DataGridProps<T> {
  readonly label: string;
  readonly columns: ReadonlyArray<GridColumn<T>>;
  readonly total: number;
  /** The row at an index of the whole list; `undefined` while it is not loaded. Its identity must change when rows are loaded. */
  readonly rowAt: (index: number) => T | undefined;
  readonly rowId: (row: T) => string;
  /** What a screen reader hears for the row. */
  readonly rowName: (row: T) => string;
  readonly rowTone?: (row: T) => string;
  readonly cursor: number;
  readonly onCursor: (index: number) => void;
  readonly onOpen: (index: number) => void;
  readonly selection?: { readonly has: (id: string) => boolean; readonly toggle: (row: T) => void; readonly add: (rows: readonly T[]) => void };
  readonly onPeek?: () => void;
  /** First and last index on the screen, after they changed. */
  readonly onRange?: (first: number, last: number) => void;
  readonly rowHeight: number;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly initialScroll?: number;
  /** The list is shown again: its cursor's row takes focus back. */
  readonly focusOnMount?: boolean;
  readonly onScroll?: (scrollTop: number) => void;
}

const features = tableFeatures({ columnVisibilityFeature });
const headerHeight = 32;
interface Line<T> { readonly index: number; readonly row: T }

/**
 * The one table of the desk: a grid of fixed row height over a list of any length, of which only what is on the screen is mounted.
 * Columns and their visibility come from TanStack Table, which sees the mounted rows only: sorting and filtering are the server's.
 * One tab stop; the cursor's row stays mounted while it is scrolled away, so focus is never lost.
 */
export function DataGrid<T>(props: DataGridProps<T>): ReactNode {
  'use no memo';
  const { columns, total, rowAt, rowId, cursor, onCursor, rowHeight, scroller, selection, onRange } = props;
  const focusWanted = useRef(props.focusOnMount ?? false);
  // True while focus is in the rows. A row that is unmounted fires no blur, so that a lost focus can be told from one that left.
  const holdsFocus = useRef(false);
  const width = useWidth(scroller, 1_200);
  const rangeExtractor = (range: Range): number[] => {
    const indexes = defaultRangeExtractor(range);
    return cursor < 0 || cursor >= total || indexes.includes(cursor) ? indexes : [...indexes, cursor].sort((a, b) => a - b);
  };
  const virtualizer = useVirtualizer({
    count: total, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12, useFlushSync: false, rangeExtractor, scrollMargin: headerHeight, scrollPaddingStart: headerHeight,
    initialOffset: props.initialScroll ?? 0,
    // No getItemKey: rows have one height, so positions go by index; a key function would be asked for all 100,000 rows. React's keys below go by id.
  });
  useEffect(() => { virtualizer.measure(); }, [rowHeight, virtualizer]);

  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const mounted = items.map((i) => i.index).join(',');
  // `mounted` stands for the indexes of `items`, whose identity changes with each scrolled pixel.
  const lines = useMemo(() => items.flatMap((item): Array<Line<T>> => { const row = rowAt(item.index); return row === undefined ? [] : [{ index: item.index, row }]; }), [mounted, rowAt]);
  const definitions = useMemo(() => columns.map((column): ColumnDef<typeof features, Line<T>> => ({ id: column.id, header: column.header, cell: (context) => column.cell(context.row.original.row) })), [columns]);
  const columnVisibility = useMemo(() => Object.fromEntries(columns.map((c) => [c.id, width >= (c.from ?? 0)])), [columns, width]);
  const table = useTable({ features, columns: definitions, data: lines, getRowId: (line: Line<T>) => rowId(line.row), state: { columnVisibility } });
  const rowsByIndex = new Map(table.getRowModel().rows.map((row) => [row.original.index, row]));
  const shown = columns.filter((c) => columnVisibility[c.id]);
  const template = shown.map((c) => c.track).join(' ');
  // One identity for the columns and which of them are shown.
  const shownKey = useMemo(() => ({ columns, columnVisibility }), [columns, columnVisibility]);

  const range = virtualizer.range;
  const firstVisible = range?.startIndex ?? first;
  const lastVisible = range?.endIndex ?? last;
  useEffect(() => { onRange?.(firstVisible, lastVisible); }, [firstVisible, lastVisible, onRange]);

  useLayoutEffect(() => {
    const lost = holdsFocus.current && document.activeElement === document.body;
    if (!focusWanted.current && !lost) return;
    const element = scroller.current?.querySelector<HTMLElement>(`[data-index="${cursor}"]`);
    if (!element) return;
    focusWanted.current = false;
    element.focus({ preventScroll: true });
  });

  function moveTo(index: number): void {
    if (total === 0) return;
    const next = Math.max(0, Math.min(total - 1, index));
    focusWanted.current = true;
    onCursor(next);
    // Measured values of the last scroll: asking the element here would force a layout with each key.
    const top = next * rowHeight - (virtualizer.scrollOffset ?? 0);
    const viewport = virtualizer.scrollRect?.height ?? 0;
    if (top < 0 || top + rowHeight > viewport - headerHeight) virtualizer.scrollToIndex(next, { align: 'auto' });
  }
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 640) / rowHeight) - 2);
  function extend(step: 1 | -1): void {
    if (!selection) return;
    const rows = [rowAt(cursor), rowAt(Math.max(0, Math.min(total - 1, cursor + step)))].filter((r) => r !== undefined);
    selection.add(rows);
    moveTo(cursor + step);
  }
  const here = rowAt(cursor);
  useActions({
    'list.down': () => { moveTo(cursor + 1); },
    'list.up': () => { moveTo(Math.max(0, cursor - 1)); },
    'list.first': () => { moveTo(0); },
    'list.last': () => { moveTo(total - 1); },
    'list.page-down': () => { moveTo(cursor + page); },
    'list.page-up': () => { moveTo(cursor - page); },
    'list.open': cursor >= 0 && cursor < total ? () => { props.onOpen(cursor); } : undefined,
    'list.peek': props.onPeek,
    'list.select': selection && here !== undefined ? () => { selection.toggle(here); } : undefined,
    'list.extend-down': selection && (() => { extend(1); }),
    'list.extend-up': selection && (() => { extend(-1); }),
    'list.select-all': selection && (() => { selection.add(lines.map((line) => line.row)); }),
  });

  const latest = useRef({ onCursor, onOpen: props.onOpen, cursor });
  useEffect(() => { latest.current = { onCursor, onOpen: props.onOpen, cursor }; });
  const onRow = useCallback((kind: 'click' | 'open' | 'focus', index: number) => {
    const now = latest.current;
    if (kind === 'open') now.onOpen(index);
    else if (now.cursor !== index) now.onCursor(index);
  }, []);

  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-auto [overflow-anchor:none]" onScroll={(e) => { props.onScroll?.(e.currentTarget.scrollTop); }}>
      <div role="grid" aria-label={props.label} aria-rowcount={total + 1} aria-multiselectable={selection ? true : undefined} className="min-w-fit text-table">
        <div role="rowgroup" className="sticky top-0 z-10">
          <div role="row" aria-rowindex={1} className="grid items-center gap-x-3 border-b border-hairline bg-surface px-4 text-meta font-medium text-text-2" style={{ gridTemplateColumns: template, height: headerHeight }}>
            {shown.map((column) => (
              <div key={column.id} role="columnheader" aria-sort={column.sort?.direction} className={`truncate ${column.end ? 'text-right' : ''}`}>
                {column.sort
                  ? <button type="button" data-inset-focus className={`h-6 ${column.sort.direction === 'none' ? '' : 'font-semibold text-text'}`} onClick={column.sort.onSort}>{column.header}{column.sort.direction === 'descending' ? ' ↓' : column.sort.direction === 'ascending' ? ' ↑' : ''}</button>
                  : column.header || <span className="sr-only">{column.id}</span>}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }} onFocus={() => { holdsFocus.current = true; }} onBlur={() => { holdsFocus.current = false; }}>
          {items.map((item) => {
            const line = rowsByIndex.get(item.index);
            const row = line?.original.row;
            return (
              <GridRow
                key={row === undefined ? `at-${item.index}` : rowId(row)} index={item.index} top={item.start - headerHeight} height={rowHeight} template={template} tabStop={item.index === cursor || (cursor < 0 && item.index === first)} isCursor={item.index === cursor}
                selected={selection ? row !== undefined && selection.has(rowId(row)) : undefined} name={row === undefined ? 'Loading' : props.rowName(row)} tone={row === undefined ? '' : props.rowTone?.(row) ?? ''} onRow={onRow} line={row} shown={shownKey}
              >
                {line === undefined
                  ? shown.map((c) => <div key={c.id} role="gridcell"><div className="skeleton h-3 w-3/4" /></div>)
                  : line.getVisibleCells().map((cell, i) => <div key={cell.id} role="gridcell" className={`min-w-0 truncate ${shown[i]?.end ? 'text-right' : ''}`}><table.FlexRender cell={cell} /></div>)}
              </GridRow>
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface GridRowProps {
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly template: string;
  readonly tabStop: boolean;
  readonly isCursor: boolean;
  readonly selected: boolean | undefined;
  readonly name: string;
  readonly tone: string;
  readonly onRow: (kind: 'click' | 'open' | 'focus', index: number) => void;
  /** Identity of what the cells show: cells are drawn anew only when it, or the columns (`shown`), change. */
  readonly line: unknown;
  readonly shown: unknown;
  readonly children: ReactNode;
}

function sameRow(a: GridRowProps, b: GridRowProps): boolean {
  return a.line === b.line && a.shown === b.shown && a.index === b.index && a.top === b.top && a.height === b.height && a.template === b.template && a.tabStop === b.tabStop && a.isCursor === b.isCursor
    && a.selected === b.selected && a.tone === b.tone && a.name === b.name;
}

/** One mounted row; drawn again only when it changes, so that moving the cursor costs two rows. */
const GridRow = memo(function GridRow({ index, top, height, template, tabStop, isCursor, selected, name, tone, onRow, children }: GridRowProps): ReactNode {
  function onClick(event: MouseEvent): void {
    if (event.target instanceof HTMLElement && event.target.closest('a, button, input')) return;
    onRow('click', index);
  }
  return (
    <div
      role="row" data-index={index} aria-rowindex={index + 2} aria-selected={selected} aria-label={name} tabIndex={tabStop ? 0 : -1} style={{ transform: `translateY(${top}px)`, height, gridTemplateColumns: template }}
      onClick={onClick} onDoubleClick={() => { onRow('open', index); }} onFocus={() => { onRow('focus', index); }}
      className={`absolute inset-x-0 top-0 grid [contain:layout_style] items-center gap-x-3 border-b border-hairline px-4 ${selected ? 'bg-selected before:absolute before:inset-y-0 before:left-0 before:w-[3px] before:bg-accent' : isCursor ? 'bg-hover' : 'bg-surface hover:bg-hover'} ${tone}`}
    >
      {children}
    </div>
  );
}, sameRow);
