'use client';
import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query';
import { usePathname, useRouter } from 'next/navigation';
import { createContext, useContext, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { Me, Role } from '@weir/contracts';
import { ErrorNote } from '../shell/states';
import { SignInDialog } from './sign-in';
import { ApiFailure, onSessionExpired, request, setCsrfToken } from './request';

/** 429 is not tried again unseen: the page says so, counts down and then asks. */
function shouldRetry(count: number, error: Error): boolean {
  if (!(error instanceof ApiFailure)) return false;
  return (error.status === 0 || error.status >= 500) && count < 2;
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000, gcTime: 10 * 60_000, refetchOnWindowFocus: false, retry: shouldRetry,
        retryDelay: (count) => 500 * 2 ** count,
      },
    },
  });
}

/** The cache of everything fetched; one per tab. */
export function QueryProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [client] = useState(createQueryClient);
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}

/** Fetches who is signed in; the token of unsafe requests comes with it. */
export async function fetchMe(signal?: AbortSignal): Promise<Me> {
  const me = await request<Me>('/v1/me', { signal, mayBeSignedOut: true });
  setCsrfToken(me.csrfToken);
  return me;
}

const MeContext = createContext<Me | undefined>(undefined);

/** Who is signed in; only below {@link SessionGate}. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('useMe outside SessionGate');
  return me;
}

/** Whether the person has one of the roles; admins have all of them. */
export function hasRole(me: Me, ...roles: readonly Role[]): boolean {
  return me.user.roles.includes('admin') || roles.some((role) => me.user.roles.includes(role));
}

/** Whether the person may decide, claim, assign and change cases. */
export function mayDecide(me: Me): boolean { return hasRole(me, 'analyst', 'senior'); }

/** Shows its children to somebody signed in; sends others to the login page and back. A session that ends later is renewed over the page. */
export function SessionGate({ children, fallback }: { readonly children: ReactNode; readonly fallback: ReactNode }): ReactNode {
  const me = useQuery({ queryKey: ['me'], queryFn: ({ signal }) => fetchMe(signal), staleTime: 60_000 });
  const [expired, setExpired] = useState(false);
  const router = useRouter();
  const pathname = usePathname();
  const queries = useQueryClient();
  const signedOut = me.error instanceof ApiFailure && me.error.status === 401 && !me.data;
  useEffect(() => onSessionExpired(() => { setExpired(true); }), []);
  useEffect(() => {
    if (signedOut) router.replace(`/login/?next=${encodeURIComponent(`${pathname}${window.location.search}`)}`);
  }, [signedOut, router, pathname]);
  if (!me.data) {
    if (me.error && !signedOut) return <main className="mx-auto max-w-xl p-8"><ErrorNote what="The desk could not be opened." error={me.error} onRetry={() => { void me.refetch(); }} /></main>;
    return fallback;
  }
  return (
    <MeContext value={me.data}>
      {children}
      {expired && (
        <SignInDialog
          user={me.data.user.name}
          onSignedIn={(next) => {
            setExpired(false);
            queries.setQueryData(['me'], next);
            void queries.invalidateQueries();
          }}
        />
      )}
    </MeContext>
  );
}
