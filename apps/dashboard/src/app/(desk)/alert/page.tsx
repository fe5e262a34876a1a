import { Suspense } from 'react';
import type { ReactNode } from 'react';
import { AlertScreen } from './alert-screen';
import { Skeleton } from '../../../shell/states';

export default function AlertPage(): ReactNode {
  return <Suspense fallback={<Skeleton rows={12} />}><AlertScreen /></Suspense>;
}
