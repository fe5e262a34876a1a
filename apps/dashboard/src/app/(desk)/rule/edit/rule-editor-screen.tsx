'use client';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useSearchParams } from 'next/navigation';
import type { ReactNode } from 'react';
import type { RuleDetail } from '@weir/contracts';
import { request } from '../../../../api/request';
import { Page } from '../../../../shell/page';
import { ErrorNote, Skeleton } from '../../../../shell/states';

// Editor and rule language load with this page only.
const Workbench = dynamic(() => import('../../../../editor/workbench'), { ssr: false, loading: () => <Skeleton rows={14} /> });

/** Rule editor by `?id=`; without one, a new rule. */
export function RuleEditorScreen(): ReactNode {
  const id = useSearchParams().get('id') ?? '';
  const rule = useQuery({ queryKey: ['rules', id], queryFn: ({ signal }) => request<RuleDetail>(`/v1/rules/${encodeURIComponent(id)}`, { signal }), enabled: id !== '', staleTime: Infinity });
  const schema = useQuery({ queryKey: ['schema'], queryFn: ({ signal }) => request<{ text: string }>('/v1/schema', { signal }), staleTime: Infinity });
  const title = id === '' ? 'New rule' : id;
  const error = (id !== '' && !rule.data ? rule.error : null) ?? (schema.data ? null : schema.error);
  if (error) return <Page title={title} heading={title}><ErrorNote what="The rule could not be opened." error={error} onRetry={() => { void rule.refetch(); void schema.refetch(); }} /></Page>;
  if ((id !== '' && !rule.data) || !schema.data) return <Page title={title} heading={title}><Skeleton rows={14} /></Page>;
  return <Page title={`${title} · Rule`} fill><Workbench key={id} id={id} detail={rule.data} schemaText={schema.data.text} /></Page>;
}
