import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { QueryProvider } from '../api/session';
import { themeScript } from '../shell/preferences-script';
import './globals.css';

export const metadata: Metadata = { title: 'Weir', description: 'Fraud and risk monitoring' };
export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default function RootLayout({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <html lang="en" suppressHydrationWarning>
      <head><script dangerouslySetInnerHTML={{ __html: themeScript }} /></head>
      <body><QueryProvider>{children}</QueryProvider></body>
    </html>
  );
}
