import type { AlertRow, AlertStatus, Disposition, Severity } from '@weir/contracts';

/** What the queue shows; the terms of the filter bar, the URL and the API. */
export interface QueueFilter {
  readonly status: AlertStatus | 'all';
  readonly severity: readonly Severity[];
  readonly rule?: string | undefined;
  /** `me`, `none` or a name. */
  readonly assignee?: string | undefined;
  readonly disposition?: Disposition | undefined;
  /** Opaque token. */
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
}
export type QueueSort = 'priority' | 'newest' | 'score';

/** A mistake in the filter text; positions count UTF-16 units, end exclusive. */
export interface FilterProblem { readonly start: number; readonly end: number; readonly hint: string }
export interface FilterReading { readonly filter: QueueFilter; readonly problems: readonly FilterProblem[] }

const severityNames: readonly Severity[] = ['critical', 'high', 'medium', 'low'];
const dispositionNames: readonly Disposition[] = ['confirmed_fraud', 'false_positive', 'suspicious', 'duplicate', 'no_action'];
const fieldNames = ['status', 'severity', 'rule', 'assignee', 'disposition', 'subject'];
/** What the filter bar understands, in one line. */
export const filterHelp = 'Fields: status (open, closed, all), severity (several with commas), rule, assignee (me, none or a name), disposition, subject. Spaces mean and; other words are looked for in sentence, title and rule.';
export const everything: QueueFilter = { status: 'open', severity: [] };

function isSeverity(text: string): text is Severity { return severityNames.some((s) => s === text); }
function isDisposition(text: string): text is Disposition { return dispositionNames.some((d) => d === text); }

/**
 * Reads filter text: `field:value,value` and `"words"`, spaces mean and. Without a status term only open alerts are meant.
 * Terms that cannot be read are reported and left out; the others still count.
 */
export function readFilter(text: string): FilterReading {
  let filter = everything;
  const problems: FilterProblem[] = [];
  const words: string[] = [];
  for (const match of text.matchAll(/"([^"]*)"?|[^\s"]+/g)) {
    const [term, quoted] = match;
    const start = match.index;
    const fail = (hint: string): void => { problems.push({ start, end: start + term.length, hint }); };
    if (quoted !== undefined) { if (quoted) words.push(quoted); continue; }
    const colon = term.indexOf(':');
    if (colon < 0) {
      // `amount>=50` is meant as a comparison, not as words to look for.
      const compared = /^([A-Za-z_]\w*)\s*(?:[<>]=?|!=|=)/.exec(term);
      if (compared) fail(`comparisons are not supported. ${noField(compared[1]?.toLowerCase() ?? '')}`);
      else words.push(term);
      continue;
    }
    const field = term.slice(0, colon).toLowerCase();
    const value = term.slice(colon + 1);
    if (!value) { fail(`${field} needs a value`); continue; }
    switch (field) {
      case 'status':
        if (value === 'open' || value === 'closed' || value === 'all') filter = { ...filter, status: value };
        else fail('status is open, closed or all');
        break;
      case 'severity': {
        const values = value.split(',').filter(Boolean);
        if (values.every(isSeverity)) filter = { ...filter, severity: severityNames.filter((s) => values.includes(s)) };
        else fail(`severity is one of ${severityNames.join(', ')}`);
        break;
      }
      case 'disposition':
        if (isDisposition(value)) filter = { ...filter, disposition: value };
        else fail(`disposition is one of ${dispositionNames.join(', ')}`);
        break;
      case 'rule': filter = { ...filter, rule: value }; break;
      case 'assignee': filter = { ...filter, assignee: value }; break;
      case 'subject': filter = { ...filter, subject: value }; break;
      default: fail(noField(field));
    }
  }
  return { filter: words.length > 0 ? { ...filter, text: words.join(' ') } : filter, problems };
}

function noField(field: string): string {
  return fieldNames.includes(field) ? `${field} is asked with a colon, as in ${field}:value` : `There is no field "${field}". Fields: ${fieldNames.join(', ')}`;
}

/** Writes a filter so that {@link readFilter} gives it back. */
export function writeFilter(filter: QueueFilter): string {
  return filterTerms(filter).map((t) => t.text).join(' ');
}

/** One chip a term, with the filter that is left without it. */
export function filterTerms(filter: QueueFilter): ReadonlyArray<{ readonly text: string; readonly without: QueueFilter }> {
  return [
    { text: `status:${filter.status}`, without: { ...filter, status: filter.status === 'all' ? 'open' as const : 'all' as const } },
    ...(filter.severity.length > 0 ? [{ text: `severity:${filter.severity.join(',')}`, without: { ...filter, severity: [] } }] : []),
    ...(['rule', 'assignee', 'disposition', 'subject'] as const).flatMap((name) => (filter[name] === undefined ? [] : [{ text: `${name}:${filter[name]}`, without: { ...filter, [name]: undefined } }])),
    ...(filter.text === undefined ? [] : [{ text: `"${filter.text}"`, without: { ...filter, text: undefined } }]),
  ];
}

/** Query string of `GET /v1/alerts`; also the key under which the answer is kept. */
export function filterParams(filter: QueueFilter, sort: QueueSort): string {
  const params = new URLSearchParams({ status: filter.status, sort });
  if (filter.severity.length > 0) params.set('severity', filter.severity.join(','));
  for (const name of ['rule', 'assignee', 'disposition', 'subject', 'text'] as const) {
    const value = filter[name];
    if (value !== undefined) params.set(name, value);
  }
  return params.toString();
}

/** Whether a row belongs to the filter, as the server decides it; `me` is the name of who is signed in. Words are looked for in sentence, title and rule. */
export function belongs(row: AlertRow, filter: QueueFilter, me: string): boolean {
  if (filter.status !== 'all' && row.status !== filter.status) return false;
  if (filter.severity.length > 0 && !filter.severity.includes(row.severity)) return false;
  if (filter.rule !== undefined && row.rule !== filter.rule) return false;
  if (filter.disposition !== undefined && row.disposition !== filter.disposition) return false;
  if (filter.subject !== undefined && row.subject.token !== filter.subject) return false;
  if (filter.assignee === 'none' && row.assignee !== undefined) return false;
  if (filter.assignee !== undefined && filter.assignee !== 'none' && row.assignee !== (filter.assignee === 'me' ? me : filter.assignee)) return false;
  return filter.text === undefined || `${row.reason} ${row.title} ${row.rule}`.toLowerCase().includes(filter.text.toLowerCase());
}

/** The tabs. */
export const views: ReadonlyArray<{ readonly id: string; readonly name: string; readonly filter: QueueFilter }> = [
  { id: 'open', name: 'Open', filter: everything },
  { id: 'urgent', name: 'Critical + high', filter: { status: 'open', severity: ['critical', 'high'] } },
  { id: 'mine', name: 'Mine', filter: { status: 'open', severity: [], assignee: 'me' } },
  { id: 'free', name: 'Unassigned', filter: { status: 'open', severity: [], assignee: 'none' } },
  { id: 'decided', name: 'Decided', filter: { status: 'closed', severity: [] } },
];
