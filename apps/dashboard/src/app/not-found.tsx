import Link from 'next/link';
import type { ReactNode } from 'react';

export default function NotFound(): ReactNode {
  return (
    <main className="mx-auto flex max-w-lg flex-col items-start gap-3 p-12">
      <h1 className="text-title">There is no such page</h1>
      <p className="text-text-2">The address may be old or mistyped.</p>
      <Link className="btn btn-primary" href="/">Go to the overview</Link>
    </main>
  );
}
