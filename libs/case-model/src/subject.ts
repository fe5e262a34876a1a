import type { Alert, FieldValue } from '@weir/contracts';

/** Whom an alert is about: `field` names it (`account_id`), `value` is its text. Alerts of one subject share a case. */
export interface Subject { readonly field: string; readonly value: string }

const accountField = 'account_id';
/** Rules keyed by one of these alone are about it, not about the account that happens to have triggered them. */
const subjectsInTheirOwnRight: ReadonlySet<string> = new Set(['merchant_id']);

const text = (value: FieldValue): string => (typeof value === 'object' ? `${value.lat},${value.lon}` : String(value));

/**
 * The subject of an alert: the account by default (of the rule's key, else of the triggering event), else the rule's key,
 * else the rule itself. A rule keyed by merchant alone is about the merchant.
 */
export function subjectOf(alert: Pick<Alert, 'key' | 'trigger' | 'rule'>): Subject {
  const keyed = alert.key.find(({ field }) => field === accountField);
  if (keyed !== undefined) return { field: accountField, value: text(keyed.value) };
  const [only] = alert.key;
  const isAboutItsKey = alert.key.length === 1 && only !== undefined && subjectsInTheirOwnRight.has(only.field);
  const account = alert.trigger?.fields[accountField];
  if (!isAboutItsKey && account !== undefined) return { field: accountField, value: text(account) };
  if (alert.key.length > 0) return { field: alert.key.map(({ field }) => field).join('+'), value: alert.key.map(({ value }) => text(value)).join(' ') };
  return { field: 'rule', value: alert.rule };
}

/** How a value reads for those who may not see it: its last four characters when it has at least eight, else nothing of it. */
export const maskedValue = (value: string): string => (value.length >= 8 ? `••${value.slice(-4)}` : '••••');
