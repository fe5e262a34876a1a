/** Unsaved text of a rule, kept on this machine. */
export interface Draft { readonly text: string; readonly at: number; /** Release it is based on; 0 for a new rule. */ readonly base: number }

const keyOf = (id: string): string => `weir-draft-${id}`;

export function readDraft(id: string): Draft | undefined {
  try {
    const saved: unknown = JSON.parse(window.localStorage.getItem(keyOf(id)) ?? 'null');
    if (typeof saved !== 'object' || saved === null || !('text' in saved) || !('at' in saved) || !('base' in saved)) return undefined;
    const { text, at, base } = saved;
    return typeof text === 'string' && typeof at === 'number' && typeof base === 'number' ? { text, at, base } : undefined;
  } catch {
    return undefined; // blocked storage or foreign text: there is no draft
  }
}

export function keepDraft(id: string, draft: Draft | undefined): void {
  try {
    if (draft) window.localStorage.setItem(keyOf(id), JSON.stringify(draft));
    else window.localStorage.removeItem(keyOf(id));
  } catch { /* blocked storage: the text lives as long as the page */ }
}

/** What a new rule starts from: complete, it compiles as it is. */
export const newRuleText = `rule: large-payment
title: A payment far above the limit
description: Say in one sentence what fraud this catches and why these numbers.
owner: card-fraud
on: payment
by: card_id
severity: medium
score: 50
action: review
reason: "{amount} {currency} after {earlier} payments in 10 minutes"
let:
  earlier: last("10m").count()
when: amount >= 500.00 && earlier >= 3
tests:
  - name: alerts on a large payment after three others
    events:
      - { id: a, at: 0s, card_id: k1, amount: 10.00, currency: EUR }
      - { id: b, at: 60s, card_id: k1, amount: 10.00, currency: EUR }
      - { id: c, at: 120s, card_id: k1, amount: 10.00, currency: EUR }
      - { id: d, at: 180s, card_id: k1, amount: 500.00, currency: EUR }
    alerts: [d]
`;
