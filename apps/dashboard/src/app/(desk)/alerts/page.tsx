import { Suspense } from 'react';
import type { ReactNode } from 'react';
import { Queue } from '../../../queue/queue';
import { Skeleton } from '../../../shell/states';

export default function AlertsPage(): ReactNode {
  return <Suspense fallback={<Skeleton rows={16} />}><Queue /></Suspense>;
}
