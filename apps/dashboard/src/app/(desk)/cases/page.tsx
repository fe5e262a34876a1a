import { Suspense } from 'react';
import type { ReactNode } from 'react';
import { Skeleton } from '../../../shell/states';
import { CaseList } from './case-list';

export default function CasesPage(): ReactNode {
  return <Suspense fallback={<Skeleton rows={16} />}><CaseList /></Suspense>;
}
