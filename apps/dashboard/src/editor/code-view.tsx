'use client';
import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import type { CompletionContext as EditorCompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { forEachDiagnostic, lintGutter, linter, nextDiagnostic, previousDiagnostic } from '@codemirror/lint';
import type { Diagnostic as EditorDiagnostic } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { completeAt } from '@weir/rule-lang';
import type { EventSchema } from '@weir/rule-lang';
import { useEffect, useImperativeHandle, useRef } from 'react';
import type { ReactNode, Ref } from 'react';
import type { Diagnostic } from '@weir/contracts';
import { findingText, placeFindings } from './rule-diagnostics';

export interface CodeHandle {
  readonly replace: (text: string) => void;
  /** Puts the cursor there and focus into the editor. */
  readonly goTo: (offset: number) => void;
  /** Replaces a range and focuses the editor. */
  readonly change: (from: number, to: number, insert: string) => void;
}

const highlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--legit)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--suspicious)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--text-2)' },
  { tag: tags.keyword, color: 'var(--high-text)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', backgroundColor: 'var(--surface)', color: 'var(--text)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '20px' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--text-3)', border: 'none', borderRight: '1px solid var(--hairline)' },
  '.cm-content': { caretColor: 'var(--text)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--hover) 60%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--selected)' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', border: '1px solid var(--control)', borderRadius: '4px', color: 'var(--text)', boxShadow: 'var(--layer-shadow)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--selected)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--text-2)', fontStyle: 'normal', marginLeft: '12px', fontFamily: 'var(--font-sans)' },
  '.cm-completionIcon': { display: 'none' },
  '.cm-diagnostic': { padding: '6px 10px', fontFamily: 'var(--font-sans)' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--danger)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--medium-fill)' },
  '.cm-diagnosticAction': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)', borderRadius: '3px' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--danger)', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--medium-text)', textUnderlineOffset: '3px' },
});

function fixActions(finding: Diagnostic): EditorDiagnostic['actions'] {
  const { fix } = finding;
  if (fix === undefined) return [];
  return [{ name: `Use ${fix.length > 30 ? 'the fix' : `"${fix}"`} (Enter)`, apply: (view, from, to) => { view.dispatch({ changes: { from, to, insert: fix }, selection: { anchor: from + fix.length } }); } }];
}

/** Enter right after F8 applies the fix of the finding under the cursor. */
function applyFixAt(view: EditorView): boolean {
  const { from } = view.state.selection.main;
  let applied = false;
  forEachDiagnostic(view.state, (d, start, end) => {
    const [action] = d.actions ?? [];
    if (applied || !action || start > from || end < from) return;
    applied = true;
    action.apply(view, start, end);
  });
  return applied;
}

/**
 * The rule's text: YAML colours, findings of `rule-lang` with their fixes (F8, then Enter), completion of fields, functions and spans.
 * Tab leaves the editor; Ctrl ] and Ctrl [ indent. Nothing of it needs the server.
 */
export default function CodeView({ initial, label, readOnly, schema, lists, check, onChange, onRun, onSave, handle }: {
  readonly initial: string; readonly label: string; readonly readOnly: boolean; readonly schema: EventSchema; readonly lists?: readonly string[] | undefined;
  readonly check: (text: string) => readonly Diagnostic[]; readonly onChange: (text: string) => void; readonly onRun: () => void; readonly onSave: () => void; readonly handle: Ref<CodeHandle>;
}): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const latest = useRef({ check, onChange, onRun, onSave, schema, lists });
  useEffect(() => { latest.current = { check, onChange, onRun, onSave, schema, lists }; });
  useImperativeHandle(handle, () => ({
    replace: (text) => { const v = view.current; v?.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: text } }); },
    goTo: (offset) => { const v = view.current; v?.dispatch({ selection: { anchor: Math.min(offset, v.state.doc.length) }, scrollIntoView: true }); v?.focus(); },
    change: (from, to, insert) => { const v = view.current; v?.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length } }); v?.focus(); },
  }), []);
  useEffect(() => {
    if (!host.current) return undefined;
    let stepped = false;
    const findings = (editor: EditorView): readonly EditorDiagnostic[] => {
      const text = editor.state.doc.toString();
      return placeFindings(text, latest.current.check(text)).map(({ finding, from, to }) => ({ from, to, severity: finding.severity, message: findingText(finding), actions: fixActions(finding) ?? [] }));
    };
    const complete = (context: EditorCompletionContext): CompletionResult | null => {
      const typed = context.matchBefore(/[\w."-]+/);
      if (!context.explicit && !typed) return null;
      const found = completeAt(context.state.doc.toString(), context.pos, { schema: latest.current.schema, lists: latest.current.lists });
      if (found.items.length === 0) return null;
      return { from: found.from, to: found.to, validFor: /^\w*$/, options: found.items.map((item, i) => ({ label: item.label, detail: item.detail, type: item.kind, boost: -Math.min(90, i), ...(item.insert === undefined ? {} : { apply: item.insert }) })) };
    };
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: initial,
        extensions: [
          lineNumbers(), highlightActiveLine(), highlightActiveLineGutter(), history(), drawSelection(), closeBrackets(), yaml(), syntaxHighlighting(highlight), indentUnit.of('  '), look, EditorView.lineWrapping,
          linter(findings, { delay: 200 }), lintGutter(), autocompletion({ override: [complete], icons: false }),
          EditorState.readOnly.of(readOnly), EditorView.contentAttributes.of({ 'aria-label': label, 'data-gramm': 'false', tabindex: '0' }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            stepped = false;
            latest.current.onChange(update.state.doc.toString());
          }),
          Prec.highest(keymap.of([
            { key: 'F8', run: (v) => { stepped = nextDiagnostic(v); return true; }, shift: (v) => { stepped = previousDiagnostic(v); return true; } },
            { key: 'Enter', run: (v) => { if (!stepped) return false; stepped = false; return applyFixAt(v); } },
            { key: 'Mod-Enter', run: () => { latest.current.onRun(); return true; } },
            { key: 'Mod-s', run: () => { latest.current.onSave(); return true; } },
          ])),
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        ],
      }),
    });
    view.current = editor;
    return () => { editor.destroy(); view.current = undefined; };
    // The editor is made once for a text and a right; later changes come through the handle.
  }, [initial, label, readOnly]);
  return <div ref={host} className="h-full min-h-0 overflow-hidden" />;
}
