import { Suspense } from 'react';
import type { ReactNode } from 'react';
import { Skeleton } from '../../../shell/states';
import { RuleList } from './rule-list';

export default function RulesPage(): ReactNode {
  return <Suspense fallback={<Skeleton rows={14} />}><RuleList /></Suspense>;
}
