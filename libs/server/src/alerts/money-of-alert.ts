import type { Alert, Money } from '@weir/contracts';
import type { EventSchema } from '@weir/rule-lang';

/** What the triggering event is worth: its first money field, with the currency the schema names for it. */
export function moneyOfAlert(alert: Pick<Alert, 'trigger'>, schema: EventSchema): Money | undefined {
  const { trigger } = alert;
  if (trigger === undefined) return undefined;
  const fields = schema.types.find(({ name }) => name === trigger.type)?.fields ?? [];
  for (const field of fields) {
    const amount = trigger.fields[field.name];
    if (field.type !== 'decimal' || field.currency === undefined || typeof amount !== 'string') continue;
    const currency = 'code' in field.currency ? field.currency.code : trigger.fields[field.currency.field] ?? schema.currency;
    if (typeof currency === 'string') return { amount, currency };
  }
  return undefined;
}
