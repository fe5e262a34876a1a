'use client';
import { useEffect, useRef, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import type { Me } from '@weir/contracts';
import { ApiFailure, request, setCsrfToken } from './request';

/** Signs in with user and password. */
async function signIn(user: string, password: string): Promise<Me> {
  const me = await request<Me>('/v1/login', { method: 'POST', body: { user, password }, mayBeSignedOut: true });
  setCsrfToken(me.csrfToken);
  return me;
}

function messageOf(error: unknown): string {
  if (error instanceof ApiFailure && error.status === 401) return 'User or password is not right.';
  if (error instanceof ApiFailure && error.status === 429) return `Too many tries. Wait ${Math.ceil((error.retryAfterMs ?? 60_000) / 1_000)} s.`;
  return error instanceof Error ? `Not signed in. ${error.message}` : 'Not signed in.';
}

/** User, password, [show], [Sign in]; says what was wrong under the fields and keeps them. */
export function SignInForm({ user, onSignedIn }: { readonly user?: string; readonly onSignedIn: (me: Me) => void }): ReactNode {
  const [name, setName] = useState(user ?? '');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(false);
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setWrong(undefined);
    try {
      onSignedIn(await signIn(name, password));
    } catch (error) {
      setWrong(messageOf(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <form className="flex flex-col gap-4" onSubmit={(event) => { void submit(event); }}>
      <label className="flex flex-col gap-1 text-table font-medium">
        User
        <input className="field min-h-9" name="username" autoComplete="username" required value={name} onChange={(e) => { setName(e.target.value); }} />
      </label>
      <div className="flex flex-col gap-1">
        <label className="text-table font-medium" htmlFor="password">Password</label>
        <div className="flex gap-2">
          <input
            id="password" className="field min-h-9 min-w-0 flex-1" name="password" type={shown ? 'text' : 'password'} autoComplete="current-password" required
            value={password} onChange={(e) => { setPassword(e.target.value); }} aria-invalid={wrong !== undefined} aria-describedby={wrong ? 'sign-in-wrong' : undefined}
          />
          <button type="button" className="btn" aria-pressed={shown} onClick={() => { setShown(!shown); }}>{shown ? 'Hide' : 'Show'}</button>
        </div>
      </div>
      <p id="sign-in-wrong" role="alert" className={`text-table text-danger ${wrong ? '' : 'sr-only'}`}>{wrong}</p>
      <button type="submit" className="btn btn-primary min-h-9" disabled={busy}>{busy ? 'Signing in' : 'Sign in'}</button>
    </form>
  );
}

/** Sign in over the page when the session has ended; what was on the page stays. */
export function SignInDialog({ user, onSignedIn }: { readonly user: string; readonly onSignedIn: (me: Me) => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => { dialog.current?.showModal(); }, []);
  return (
    <dialog ref={dialog} aria-labelledby="sign-in-again" className="m-auto w-96 max-w-[calc(100vw-32px)] rounded-dialog border border-hairline bg-surface p-6 shadow-layer" onCancel={(e) => { e.preventDefault(); }}>
      <h2 id="sign-in-again" className="text-title">Your session has ended</h2>
      <p className="mt-1 mb-4 text-text-2">Sign in and go on; nothing on the page is lost.</p>
      <SignInForm user={user} onSignedIn={onSignedIn} />
    </dialog>
  );
}
