import { Suspense } from 'react';
import type { ReactNode } from 'react';
import { Skeleton } from '../../../shell/states';
import { CaseScreen } from './case-screen';

export default function CasePage(): ReactNode {
  return <Suspense fallback={<Skeleton rows={12} />}><CaseScreen /></Suspense>;
}
