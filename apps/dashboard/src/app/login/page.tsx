import type { ReactNode } from 'react';
import { Suspense } from 'react';
import { Login } from './login';

export default function LoginPage(): ReactNode {
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <Suspense fallback={<div className="panel h-96 w-96 max-w-full" />}><Login /></Suspense>
    </main>
  );
}
