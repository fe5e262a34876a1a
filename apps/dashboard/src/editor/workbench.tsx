'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { compileRule, parseSchema } from '@weir/rule-lang';
import type { TypedRule } from '@weir/rule-lang';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Diagnostic, RuleCheck, RuleDetail } from '@weir/contracts';
import { ApiFailure, request } from '../api/request';
import { hasRole, useMe } from '../api/session';
import { toast } from '../act/toasts';
import { plural } from '../format/number';
import { useActions } from '../keyboard/keyboard-provider';
import { Icon } from '../shell/icons';
import { Instant } from '../shell/time-text';
import CodeView from './code-view';
import type { CodeHandle } from './code-view';
import { PreviewPanel } from './preview-panel';
import { findingText, offsetOf } from './rule-diagnostics';
import { keepDraft, newRuleText, readDraft } from './rule-draft';
import { SaveForm } from './save-form';
import { WhyTab } from './why-tab';

type Tab = 'problems' | 'tests' | 'history' | 'why';

/** Text, problems, tests, preview and release of one rule. The document in the editor is the truth. */
export default function Workbench({ id, detail, schemaText }: { readonly id: string; readonly detail: RuleDetail | undefined; readonly schemaText: string }): ReactNode {
  const me = useMe();
  const router = useRouter();
  const queries = useQueryClient();
  const release = detail?.row.release ?? 0;
  const saved = detail?.text ?? '';
  const [start] = useState(() => { const draft = readDraft(id); return draft && draft.text !== saved ? draft : undefined; });
  const [initial, setInitial] = useState(start?.text ?? (detail ? saved : newRuleText));
  const [text, setText] = useState(initial);
  const [draftAt, setDraftAt] = useState(start?.at);
  const named = useSearchParams().get('event') ?? '';
  const [tab, setTab] = useState<Tab>(named === '' ? 'problems' : 'why');
  const [event, setEvent] = useState(named);
  const why = useCallback((eventId: string) => { setEvent(eventId); setTab('why'); }, []);
  const [saving, setSaving] = useState(false);
  const [conflict, setConflict] = useState<string>();
  const [serverFindings, setServerFindings] = useState<readonly Diagnostic[]>([]);
  const code = useRef<CodeHandle>(null);
  const canWrite = hasRole(me, 'author');
  const parsed = useMemo(() => parseSchema(schemaText, 'schema.yaml'), [schemaText]);
  const { schema } = parsed;
  const file = id === '' ? 'rule' : `${id}.yaml`;
  const compile = useCallback((source: string) => (schema ? compileRule(source, file, { schema }) : { diagnostics: parsed.diagnostics }), [schema, file, parsed]);
  const check = useCallback((source: string): readonly Diagnostic[] => compile(source).diagnostics, [compile]);

  // Problems follow the text after a short rest; tests run on the last text that compiles.
  const [rested, setRested] = useState(text);
  useEffect(() => { const timer = window.setTimeout(() => { setRested(text); }, 200); return () => { window.clearTimeout(timer); }; }, [text]);
  const compiled = useMemo(() => compile(rested), [compile, rested]);
  const problems = compiled.diagnostics;
  const errors = problems.filter((p) => p.severity === 'error').length;
  const [valid, setValid] = useState<{ readonly text: string; readonly rule: TypedRule }>();
  useEffect(() => { if (compiled.rule) setValid({ text: rested, rule: compiled.rule }); }, [compiled, rested]);

  const tests = useMutation({ mutationFn: (source: string) => request<RuleCheck>('/v1/rules/check', { method: 'POST', body: { text: source } }).then((answer) => ({ ...answer, source })) });
  const { mutate: runTests } = tests;
  const validText = valid?.text;
  useEffect(() => {
    if (validText === undefined) return undefined;
    const timer = window.setTimeout(() => { runTests(validText); }, 600);
    return () => { window.clearTimeout(timer); };
  }, [validText, runTests]);

  // The draft survives a crash of the page.
  const changed = text !== saved;
  useEffect(() => {
    if (!canWrite) return undefined;
    const timer = window.setTimeout(() => {
      if (changed && text !== newRuleText) { keepDraft(id, { text, at: Date.now(), base: release }); setDraftAt(Date.now()); } else { keepDraft(id, undefined); setDraftAt(undefined); }
    }, 2_000);
    return () => { window.clearTimeout(timer); };
  }, [text, changed, id, release, canWrite]);

  const discard = (): void => { const back = detail ? saved : newRuleText; keepDraft(id, undefined); setDraftAt(undefined); code.current?.replace(back); };
  const [runKey, setRunKey] = useState(0);
  const run = useCallback(() => { if (compiled.rule) { runTests(rested); setRunKey((n) => n + 1); } }, [compiled.rule, rested, runTests]);
  const askSave = useCallback(() => {
    if (!canWrite) { toast('Releasing rules needs the author role.', 'bad'); return; }
    if (errors > 0) { toast(`Not saved: ${plural(errors, 'problem')} first. Your text is kept here.`, 'bad'); setTab('problems'); return; }
    setSaving(true);
  }, [canWrite, errors]);

  const save = useMutation({
    mutationFn: ({ why, mode }: { readonly why: string; readonly mode: 'live' | 'shadow' | 'off' }) => {
      const target = id === '' ? compiled.rule?.id ?? '' : id;
      return request<RuleDetail>(`/v1/rules/${encodeURIComponent(target)}`, { method: 'PUT', ifMatch: release, body: { text, why, mode } });
    },
    onSuccess: (next) => {
      keepDraft(id, undefined);
      setSaving(false);
      setConflict(undefined);
      setServerFindings([]);
      toast(`${next.row.id} v${next.row.release} is ${next.row.mode}.`);
      queries.setQueryData(['rules', next.row.id], next);
      void queries.invalidateQueries({ queryKey: ['rules'] });
      setInitial(next.text);
      setText(next.text);
      if (id !== next.row.id) router.replace(`/rule/edit/?id=${encodeURIComponent(next.row.id)}`);
    },
    onError: (error) => {
      if (!(error instanceof ApiFailure)) { toast('Not saved. Your text is kept here.', 'bad'); return; }
      if (error.status === 412 || error.status === 409) { setConflict(error.message); return; }
      const findings = error.problem?.diagnostics ?? [];
      setServerFindings(findings);
      toast(`Not saved. ${error.message} Your text is kept here.`, 'bad');
      setTab(findings.some((f) => f.severity === 'error') ? 'problems' : 'tests');
    },
  });

  useActions({
    'editor.run': run, 'editor.save': askSave,
    escape: saving ? () => { setSaving(false); } : () => { router.push('/rules/'); },
    'editor.problems': problems[0] ? () => { const [p] = problems; if (p) code.current?.goTo(offsetOf(text, p.line, p.column)); } : undefined,
  });

  const results = tests.data?.tests ?? [];
  const passed = results.filter((t) => t.passed).length;
  const testsStale = tests.data !== undefined && tests.data.source !== rested;
  const listed = [...problems, ...serverFindings.filter((s) => !problems.some((p) => p.code === s.code && p.line === s.line))];
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b border-hairline bg-surface px-4 py-2 text-table">
        <Link href="/rules/" className="link inline-flex items-center gap-1"><Icon name="left" />Rules</Link>
        <h1 className="min-w-0 truncate text-reason">{id === '' ? 'New rule' : id}</h1>
        <span className="text-text-2">{detail ? `v${release} ${detail.row.mode}` : 'not released'}{changed && detail && ', changed'}</span>
        {draftAt !== undefined && <span className="text-text-2">draft kept <Instant at={draftAt} precision="minute" /> <button type="button" className="link" onClick={discard}>Discard</button></span>}
        <span className="ml-auto flex flex-wrap items-center gap-2">
          <span className={errors > 0 ? 'font-medium text-danger' : 'text-text-2'}>{errors > 0 ? plural(errors, 'problem') : valid && <span title={valid.rule.portability.reasons.join('; ') || 'The same alerts on Flink'}>Class {valid.rule.portability.class}</span>}</span>
          <button type="button" className="btn" disabled={errors > 0} aria-keyshortcuts="Control+Enter" onClick={run}>Test and preview <kbd className="key">Ctrl Enter</kbd></button>
          <button type="button" className="btn btn-primary" disabled={!canWrite || !changed} title={!canWrite ? 'Releasing rules needs the author role' : !changed ? 'Nothing changed' : undefined} aria-keyshortcuts="Control+S" onClick={askSave}>Save <kbd className="key">Ctrl S</kbd></button>
        </span>
      </div>
      {start && start.base !== release && <p className="border-b border-hairline bg-banner px-4 py-2 text-table text-on-banner">This draft is based on v{start.base}; v{release} is live now. Compare before you save.</p>}
      {conflict !== undefined && (
        <div role="alert" className="flex flex-wrap items-center gap-3 border-b border-hairline bg-banner px-4 py-2 text-table text-on-banner">
          <span><strong>Not saved, nothing was overwritten.</strong> {conflict} Your text is kept here.</span>
          <button type="button" className="btn" onClick={() => { setConflict(undefined); void queries.invalidateQueries({ queryKey: ['rules', id] }); setTab('history'); }}>Look at the newer version</button>
        </div>
      )}
      {saving && <SaveForm id={id === '' ? compiled.rule?.id ?? '' : id} isNew={!detail} mode={detail?.row.mode ?? 'live'} busy={save.isPending} onSave={(why, mode) => { save.mutate({ why, mode }); }} onCancel={() => { setSaving(false); }} />}
      <div className="flex min-h-0 flex-1 max-lg:flex-col max-lg:overflow-y-auto">
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="min-h-0 flex-1 max-lg:h-[420px] max-lg:flex-none">
            {schema ? <CodeView initial={initial} label={`Text of ${id === '' ? 'the new rule' : id}`} readOnly={!canWrite} schema={schema} check={check} onChange={setText} onRun={run} onSave={askSave} handle={code} /> : <p role="alert" className="p-4 text-danger">The event schema of the server does not read: {parsed.diagnostics[0]?.message}</p>}
          </div>
          <section aria-label="Problems, tests and history" data-region tabIndex={-1} className={`flex shrink-0 flex-col border-t ${tab === 'why' ? 'h-[min(56vh,520px)]' : 'h-[232px]'} border-hairline bg-surface`}>
            <div role="group" aria-label="Panels" className="flex shrink-0 items-center gap-1 px-4 py-1.5">
              <button type="button" className="btn" aria-pressed={tab === 'problems'} onClick={() => { setTab('problems'); }}>Problems <span className={errors > 0 ? 'text-danger' : 'text-text-2'}>{listed.length}</span></button>
              <button type="button" className="btn" aria-pressed={tab === 'tests'} onClick={() => { setTab('tests'); }}>Tests <span className={passed < results.length ? 'text-danger' : 'text-text-2'}>{results.length > 0 ? `${passed}/${results.length}` : ''}</span></button>
              {detail && <button type="button" className="btn" aria-pressed={tab === 'history'} onClick={() => { setTab('history'); }}>History <span className="text-text-2">{detail.releases.length}</span></button>}
              <button type="button" className="btn" aria-pressed={tab === 'why'} onClick={() => { setTab('why'); }}>Explain on event</button>
              <span role="status" className="ml-auto text-meta text-text-2">{tests.isPending ? 'Tests are running' : tests.error ? `Tests did not run. ${tests.error.message}` : tests.data ? testsStale ? 'of the last valid text' : `${passed} of ${results.length} tests pass` : ''}</span>
            </div>
            <div className="min-h-0 flex-1 overflow-y-auto border-t border-hairline" tabIndex={0} role="region" aria-label={tab === 'why' ? 'explanation' : tab} data-inset-focus>
              {tab === 'why' && <WhyTab key={event} id={id} saved={saved} text={rested} isValid={compiled.rule !== undefined} event={event} onEvent={setEvent} />}
              {tab === 'problems' && (listed.length === 0 ? <p className="px-4 py-3 text-text-2">No problems.</p> : (
                <ul>
                  {listed.map((p, i) => (
                    <li key={i} className="flex items-baseline gap-3 border-b border-hairline px-4 py-1.5 text-table last:border-b-0">
                      <span className={`w-16 shrink-0 font-medium ${p.severity === 'error' ? 'text-danger' : 'text-medium'}`}>{p.severity}</span>
                      <button type="button" className="link shrink-0" onClick={() => { code.current?.goTo(offsetOf(text, p.line, p.column)); }}>Line {p.line}</button>
                      <span className="min-w-0 flex-1">{findingText(p)}</span>
                      {p.fix !== undefined && <button type="button" className="btn" onClick={() => { const { fix } = p; if (fix !== undefined) code.current?.change(offsetOf(text, p.line, p.column), offsetOf(text, p.endLine, p.endColumn), fix); }}>Use “{p.fix.length > 32 ? `${p.fix.slice(0, 32)}…` : p.fix}”</button>}
                    </li>
                  ))}
                </ul>
              ))}
              {tab === 'tests' && (results.length === 0 ? <p className="px-4 py-3 text-text-2">{valid ? 'No test results yet.' : 'Tests run when the text has no problems.'}</p> : (
                <ul>
                  {results.map((t, i) => (
                    <li key={i} className="grid grid-cols-[64px_minmax(0,1fr)_auto] gap-3 border-b border-hairline px-4 py-1.5 text-table last:border-b-0">
                      <span className={`font-medium ${t.passed ? 'text-legit' : 'text-danger'}`}>{t.passed ? 'passed' : 'failed'}</span>
                      <span className="min-w-0">{t.name}{!t.passed && <span className="block text-text-2">{t.message ?? `expected ${t.expected.join(', ') || 'no alert'}, was ${t.actual.join(', ') || 'no alert'}`}</span>}</span>
                      <span className="text-text-2">{t.evaluation}</span>
                    </li>
                  ))}
                </ul>
              ))}
              {tab === 'history' && detail && (
                <ul>
                  {[...detail.releases].sort((a, b) => b.release - a.release).map((r) => (
                    <li key={r.release} className="flex items-baseline gap-3 border-b border-hairline px-4 py-1.5 text-table last:border-b-0">
                      <span className="w-16 shrink-0 font-medium">v{r.release} {r.mode}</span><span className="w-36 shrink-0 text-text-2"><Instant at={r.at} precision="minute" /></span><span className="w-24 shrink-0 truncate">{r.by}</span>
                      <span className="min-w-0 flex-1">{r.why}</span>
                      <button type="button" className="btn" disabled={r.text === text || !canWrite} onClick={() => { code.current?.replace(r.text); }}>Use this text</button>
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </section>
        </div>
        <PreviewPanel onExplain={why} text={text} validText={valid?.text} rule={valid?.rule} runKey={runKey} />
      </div>
    </>
  );
}
