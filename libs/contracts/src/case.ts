import { z } from 'zod';
import { Action, Alert, Severity } from './alert.js';
import { EpochMs } from './event.js';

/** An alert is open until it has a disposition. */
export const AlertStatus = z.enum(['open', 'closed']);
export type AlertStatus = z.infer<typeof AlertStatus>;
/** What an analyst found an alert to be. */
export const Disposition = z.enum(['confirmed_fraud', 'false_positive', 'suspicious', 'duplicate', 'no_action']);
export type Disposition = z.infer<typeof Disposition>;
/** States of a case; `moveCase` of case-model says which step is allowed. */
export const CaseStatus = z.enum(['open', 'in_progress', 'escalated', 'closed']);
export type CaseStatus = z.infer<typeof CaseStatus>;
/** Of a case: the severity of its gravest alert, or what somebody has set. */
export const Priority = z.enum(['low', 'medium', 'high', 'critical']);
export type Priority = z.infer<typeof Priority>;

/** An exact amount; never added across currencies. */
export const Money = z.object({ amount: z.string().describe('decimal text in whole units'), currency: z.string() });
export type Money = z.infer<typeof Money>;

/** One row of the queue. */
export const AlertRow = z.object({
  id: z.string(),
  version: z.number().int(),
  rule: z.string(),
  title: z.string(),
  severity: Severity,
  score: z.number().int(),
  action: Action,
  reason: z.string(),
  /** Subject of the case it belongs to, e.g. account_id. `token` is opaque and safe in URLs; `label` is masked for viewers. */
  subject: z.object({ field: z.string(), token: z.string(), label: z.string() }),
  money: Money.optional(),
  /** Event time. */
  ts: EpochMs,
  /** When it reached the case store. */
  receivedAt: EpochMs,
  slaDueAt: EpochMs,
  status: AlertStatus,
  disposition: Disposition.optional(),
  dispositionReason: z.string().optional(),
  decidedBy: z.string().optional(),
  decidedAt: EpochMs.optional(),
  assignee: z.string().optional(),
  leaseUntil: EpochMs.optional(),
  caseId: z.string(),
  /** All open alerts of the same subject, this one included. */
  openOfSubject: z.number().int(),
});
export type AlertRow = z.infer<typeof AlertRow>;

/** Something that was done with an alert or case: when (epoch ms), by whom, and in words. */
export const ActivityItem = z.object({ at: EpochMs, actor: z.string(), kind: z.string(), text: z.string() });
export type ActivityItem = z.infer<typeof ActivityItem>;

/** Everything that the page of one alert shows. */
export const AlertDetail = z.object({
  row: AlertRow,
  alert: Alert,
  /** Other open alerts of the same subject. */
  siblings: z.array(AlertRow),
  subjectHistory: z.object({ alerts: z.number().int(), fraud: z.number().int(), falsePositive: z.number().int() }),
  /** Quality of the rule over the last 30 days. */
  ruleQuality: z.object({ alerts: z.number().int(), decided: z.number().int(), fraud: z.number().int() }),
  activity: z.array(ActivityItem),
  /** Until when the disposition can be undone; then it becomes a label. */
  undoUntil: EpochMs.optional(),
  labelled: z.boolean(),
});
export type AlertDetail = z.infer<typeof AlertDetail>;

/** GET /v1/alerts: `status severity rule assignee disposition subject text currency minAmount maxAmount minAgeMs sort(priority|newest|score) snapshot offset limit`. */
export const AlertPage = z.object({
  items: z.array(AlertRow),
  total: z.number().int(),
  /** Pass it back with an offset: rows that arrive later are not in it. */
  snapshot: z.string(),
  offset: z.number().int(),
  counts: z.object({ open: z.number().int(), bySeverity: z.record(Severity, z.number().int()), mine: z.number().int() }),
});
export type AlertPage = z.infer<typeof AlertPage>;

/** Decides an alert, and the open ones among `also` with it. */
export const DisposeAlert = z.object({ disposition: Disposition, reason: z.string().max(200).optional(), note: z.string().max(4000).optional(), also: z.array(z.string()).max(500).optional() });
export type DisposeAlert = z.infer<typeof DisposeAlert>;
/** Gives an alert to somebody; null takes it from everybody. */
export const AssignAlert = z.object({ assignee: z.string().nullable() });
/** A note of a person, 4,000 UTF-16 units at most. */
export const AddNote = z.object({ text: z.string().min(1).max(4000) });

/** A case: all alerts of one subject that are worked on together. */
export const CaseRow = z.object({
  id: z.string(),
  version: z.number().int(),
  title: z.string(),
  subject: AlertRow.shape.subject,
  status: CaseStatus,
  priority: Priority,
  owner: z.string().optional(),
  alerts: z.number().int(),
  openAlerts: z.number().int(),
  /** Sums per currency, never across. */
  exposure: z.array(Money),
  openedAt: EpochMs,
  updatedAt: EpochMs,
  slaDueAt: EpochMs.optional(),
});
export type CaseRow = z.infer<typeof CaseRow>;
/** A case with its alerts, and its story, newest first. */
export const CaseDetail = z.object({ case: CaseRow, alerts: z.array(AlertRow), story: z.array(ActivityItem) });
export type CaseDetail = z.infer<typeof CaseDetail>;
/** One page of cases; pass `nextCursor` back for the next, absent at the end. */
export const CasePage = z.object({ items: z.array(CaseRow), total: z.number().int(), nextCursor: z.string().optional() });
export type CasePage = z.infer<typeof CasePage>;
/** Changes what is named; `owner` null: nobody's. */
export const ChangeCase = z.object({ status: CaseStatus.optional(), priority: Priority.optional(), owner: z.string().nullable().optional() });
export type ChangeCase = z.infer<typeof ChangeCase>;
