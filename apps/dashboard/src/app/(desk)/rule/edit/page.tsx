import { Suspense } from 'react';
import type { ReactNode } from 'react';
import { Skeleton } from '../../../../shell/states';
import { RuleEditorScreen } from './rule-editor-screen';

export default function RuleEditPage(): ReactNode {
  return <Suspense fallback={<Skeleton rows={14} />}><RuleEditorScreen /></Suspense>;
}
