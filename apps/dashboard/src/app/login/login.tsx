'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import type { Me } from '@weir/contracts';
import { ApiFailure, request, setCsrfToken } from '../../api/request';
import { fetchMe } from '../../api/session';
import { SignInForm } from '../../api/sign-in';

/** Only addresses of this desk are gone to after signing in. */
function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/';
}

/** Where a person starts: analysts in the queue, rule people at the rules, ops at the pipeline, others at the overview. */
function landingOf(me: Me): string {
  const { roles } = me.user;
  if (roles.includes('admin')) return '/';
  if (roles.some((r) => r === 'analyst' || r === 'senior')) return '/alerts/';
  if (roles.some((r) => r === 'author' || r === 'approver')) return '/rules/';
  return roles.includes('ops') ? '/ops/' : '/';
}

function PasswordForm({ me, onDone }: { readonly me: Me; readonly onDone: () => void }): ReactNode {
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [wrong, setWrong] = useState<string>();
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (password.length < 10) { setWrong('A password has at least 10 characters.'); return; }
    try {
      await request('/v1/me/password', { method: 'POST', body: { password } });
      onDone();
    } catch (error) {
      setWrong(`Not set. ${error instanceof Error ? error.message : ''}`);
    }
  }
  return (
    <form className="flex flex-col gap-4" onSubmit={(e) => { void submit(e); }}>
      <p className="text-text-2">You are signed in as <strong className="text-text">{me.user.name}</strong> by the one-time link. Set a password for the next time; there is no default one.</p>
      <input type="hidden" name="username" autoComplete="username" value={me.user.name} readOnly />
      <div className="flex flex-col gap-1">
        <label className="text-table font-medium" htmlFor="new-password">New password</label>
        <div className="flex gap-2">
          <input
            id="new-password" className="field min-h-9 min-w-0 flex-1" type={shown ? 'text' : 'password'} autoComplete="new-password" value={password} minLength={10} required
            aria-invalid={wrong !== undefined} aria-describedby="password-note" onChange={(e) => { setPassword(e.target.value); }}
          />
          <button type="button" className="btn" aria-pressed={shown} onClick={() => { setShown(!shown); }}>{shown ? 'Hide' : 'Show'}</button>
        </div>
        <p id="password-note" className={`text-meta ${wrong ? 'text-danger' : 'text-text-2'}`}>{wrong ?? 'At least 10 characters.'}</p>
      </div>
      <div className="flex gap-2">
        <button type="submit" className="btn btn-primary min-h-9 flex-1">Set password</button>
        {me.demo && <button type="button" className="btn min-h-9" onClick={onDone}>Skip in the demo</button>}
      </div>
    </form>
  );
}

/** Login, and the first sign-in by the one-time link (`?setup=token`), which then asks for a password. */
export function Login(): ReactNode {
  const params = useSearchParams();
  const setup = params.get('setup');
  const next = params.get('next');
  const router = useRouter();
  const queries = useQueryClient();
  const [me, setMe] = useState<Me>();
  const [problem, setProblem] = useState<string>();
  const started = useRef(false);

  function enter(signedIn: Me): void {
    queries.setQueryData(['me'], signedIn);
    router.replace(next ? safeNext(next) : landingOf(signedIn));
  }

  useEffect(() => { document.title = 'Sign in · Weir'; }, []);
  useEffect(() => {
    if (!setup || started.current) return;
    started.current = true; // the link works once: never sent twice
    const arrive = async (): Promise<void> => {
      try {
        const signedIn = setup === 'password' ? await fetchMe() : await request<Me>('/v1/login/setup', { method: 'POST', body: { token: setup }, mayBeSignedOut: true });
        setCsrfToken(signedIn.csrfToken);
        window.history.replaceState(null, '', '/login/');
        setMe(signedIn);
      } catch (error) {
        setProblem(error instanceof ApiFailure && error.status === 401 ? 'This link was used before or is too old. Sign in with your password, or start Weir again for a new link.' : `The link did not sign you in. ${error instanceof Error ? error.message : ''}`);
      }
    };
    void arrive();
  }, [setup]);

  return (
    <div className="panel w-96 max-w-full p-8">
      <h1 className="mb-1 text-tile font-semibold">Weir</h1>
      <p className="mb-6 text-text-2">Fraud and risk monitoring</p>
      {problem && <p role="alert" className="mb-4 text-table text-danger">{problem}</p>}
      {me ? <PasswordForm me={me} onDone={() => { enter({ ...me, needsPassword: false }); }} /> : setup && !problem ? <p aria-busy="true">Signing you in</p> : <SignInForm onSignedIn={enter} />}
    </div>
  );
}
