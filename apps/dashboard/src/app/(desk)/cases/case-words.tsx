import type { ReactNode } from 'react';
import type { CaseStatus, Priority } from '@weir/contracts';
import { SeverityShape } from '../../../shell/badges';

export const caseStatusWord: Readonly<Record<CaseStatus, string>> = { open: 'Open', in_progress: 'In progress', escalated: 'Escalated', closed: 'Closed' };
export const caseStatuses: readonly CaseStatus[] = ['open', 'in_progress', 'escalated', 'closed'];
export const priorities: readonly Priority[] = ['critical', 'high', 'medium', 'low'];
const colour = { critical: 'text-critical font-semibold', high: 'text-high font-semibold', medium: 'text-medium', low: 'text-low' } as const;

/** Priority of a case: the shape and word of severity, without its badge. */
export function PriorityMark({ priority }: { readonly priority: Priority }): ReactNode {
  return <span className={`inline-flex items-center gap-1.5 ${colour[priority]}`}><SeverityShape severity={priority} />{priority.charAt(0).toUpperCase() + priority.slice(1)}</span>;
}
