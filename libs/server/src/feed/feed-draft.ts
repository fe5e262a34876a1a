import type { BacktestJob } from '@weir/contracts';
import type { AlertRecord } from '../alerts/alert-record.js';
import type { CaseRecord } from '../cases/case-record.js';

/** A message of the feed before it has its cursor and its audience. Handed over after the commit it reports. */
export type FeedDraft =
  | { readonly kind: 'alert' | 'alert-changed'; readonly record: AlertRecord }
  | { readonly kind: 'case-changed'; readonly record: CaseRecord }
  | { readonly kind: 'rules-changed'; readonly release: number }
  | { readonly kind: 'job'; readonly job: BacktestJob };
