import { z } from 'zod';
import { Action, Severity } from './alert.js';
import { AlertRow, CaseRow } from './case.js';
import { EpochMs } from './event.js';

/** What somebody may do at the desk. */
export const Role = z.enum(['viewer', 'analyst', 'senior', 'author', 'approver', 'ops', 'admin']);
export type Role = z.infer<typeof Role>;
/** A person who can sign in. */
export const User = z.object({ name: z.string(), displayName: z.string(), roles: z.array(Role) });
export type User = z.infer<typeof User>;
/** Who is signed in, and what the dashboard must know of this server. `undoMs`: how long a disposition can be undone. */
export const Me = z.object({ user: User, csrfToken: z.string(), needsPassword: z.boolean(), demo: z.boolean(), demoRunning: z.boolean(), undoMs: z.number().int(), version: z.string() });
export type Me = z.infer<typeof Me>;
/** Signs in by password. */
export const Login = z.object({ user: z.string().min(1).max(100), password: z.string().min(1).max(1000) });
/** Signs the first admin in by the one-time link. */
export const SetupLogin = z.object({ token: z.string().min(1).max(200) });
/** Sets one's own password, ten UTF-16 units at least; `current` once there is one. */
export const SetPassword = z.object({ current: z.string().max(1000).optional(), password: z.string().min(10).max(1000) });
/** A key of the API, without its secret. */
export const ApiKeyRow = z.object({ id: z.string(), name: z.string(), roles: z.array(Role.or(z.literal('channel'))), createdAt: EpochMs, lastUsedAt: EpochMs.optional(), createdBy: z.string() });
export type ApiKeyRow = z.infer<typeof ApiKeyRow>;
/** `channel` keys may publish events and ask for decisions; roles give the rest. */
export const NewApiKey = z.object({ name: z.string().min(1).max(100), roles: z.array(Role.or(z.literal('channel'))).min(1) });

/** A finding in a rule file. Positions are 1-based, in the file; end exclusive; column counts UTF-16 units. */
export const Diagnostic = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  file: z.string(),
  line: z.number().int(), column: z.number().int(), endLine: z.number().int(), endColumn: z.number().int(),
  hint: z.string().optional(),
  /** A replacement for the marked text that would mend it ("did you mean"). */
  fix: z.string().optional(),
});
export type Diagnostic = z.infer<typeof Diagnostic>;

/** A released rule, and how it did. */
export const RuleRow = z.object({
  id: z.string(), title: z.string(), pack: z.string(), owner: z.string(), severity: Severity, score: z.number().int(), action: Action,
  mode: z.enum(['live', 'shadow', 'off']), release: z.number().int(), version: z.string(),
  changedAt: EpochMs, changedBy: z.string(),
  /** Alerts per day, last 30 days, oldest first. */
  alertsPerDay: z.array(z.number().int()),
  alerts30d: z.number().int(), decided: z.number().int(), fraud: z.number().int(), openAlerts: z.number().int(),
});
export type RuleRow = z.infer<typeof RuleRow>;
/** A rule with its text and its releases. */
export const RuleDetail = z.object({ row: RuleRow, text: z.string(), releases: z.array(z.object({ release: z.number().int(), version: z.string(), at: EpochMs, by: z.string(), why: z.string(), text: z.string(), mode: z.enum(['live', 'shadow', 'off']) })) });
export type RuleDetail = z.infer<typeof RuleDetail>;
/** The text of a rule file, 65,536 UTF-16 units at most. */
export const RuleText = z.object({ text: z.string().max(65_536) });
/** PUT /v1/rules/:id (If-Match: release): checks, tests and releases the text in mode live. Refused with diagnostics if it does not compile or a test fails. */
export const SaveRule = z.object({ text: z.string().max(65_536), why: z.string().min(1).max(500), pack: z.string().max(60).optional(), mode: z.enum(['live', 'shadow', 'off']).optional() });
/** How one test of a rule file came out in one evaluation mode. `expected` and `actual`: the alerts, a text each. */
export const RuleTestResult = z.object({ rule: z.string(), name: z.string(), evaluation: z.enum(['arrival', 'watermark']), passed: z.boolean(), expected: z.array(z.string()), actual: z.array(z.string()), message: z.string().optional() });
export type RuleTestResult = z.infer<typeof RuleTestResult>;
/** `ok`: no error was found and every test passed. */
export const RuleCheck = z.object({ ok: z.boolean(), diagnostics: z.array(Diagnostic), tests: z.array(RuleTestResult) });
export type RuleCheck = z.infer<typeof RuleCheck>;

/**
 * RFC 9457 problem details; `field` names what is wrong in the request. On a conflict (409, 412) `by`, `at` and `version` say who
 * changed the object, when, and what its version is now; a refused rule (422) carries its findings and test results.
 */
export const Problem = z.object({
  type: z.string(), title: z.string(), status: z.number().int(), detail: z.string().optional(), field: z.string().optional(), code: z.string(),
  by: z.string().optional(), at: EpochMs.optional(), version: z.number().int().optional(),
  diagnostics: z.array(Diagnostic).optional(), tests: z.array(RuleTestResult).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** POST /v1/backtests: runs the same engine over the last `days` of the event log. */
export const StartBacktest = z.object({ text: z.string().max(65_536), days: z.number().int().min(1).max(365) });
export type StartBacktest = z.infer<typeof StartBacktest>;
/** How a rule or combination did on history; null where the denominator is 0. */
export const BacktestRule = z.object({ rule: z.string(), alerts: z.number().int(), truePositives: z.number().int(), precision: z.number().nullable(), recall: z.number().nullable() });
export type BacktestRule = z.infer<typeof BacktestRule>;
/** Counted by story: precision is a share of alerts, recall a share of frauds (each with all its events). Null where the denominator is 0. */
const StoryScore = z.object({ alerts: z.number().int(), /** Alerts per 1,000 events. */ perThousand: z.number(), truePositives: z.number().int(), precision: z.number().nullable(), /** Frauds that the pack is meant to catch. */ frauds: z.number().int(), caught: z.number().int(), recall: z.number().nullable() });
/** How a rule of a pack did. */
export const BacktestPackRule = StoryScore.extend({ rule: z.string(), severity: Severity, /** Kinds of honest story behind the wrong alerts; `everyday` is behind none. */ falsePositives: z.array(z.object({ kind: z.string(), alerts: z.number().int() })) });
export type BacktestPackRule = z.infer<typeof BacktestPackRule>;
/** How a pack of rules did. */
export const BacktestPack = StoryScore.extend({ pack: z.string(), rules: z.array(BacktestPackRule) });
export type BacktestPack = z.infer<typeof BacktestPack>;
/** One kind of story in the history, and on how many of its stories some rule fired. */
export const BacktestStoryKind = z.object({ kind: z.string(), fraud: z.boolean(), typology: z.string().optional(), stories: z.number().int(), alerted: z.number().int() });
export type BacktestStoryKind = z.infer<typeof BacktestStoryKind>;
/** How all packs did, counted by story. */
export const BacktestStories = StoryScore.omit({ perThousand: true }).extend({ events: z.number().int(), fraudEvents: z.number().int(), packs: z.array(BacktestPack), kinds: z.array(BacktestStoryKind) });
export type BacktestStories = z.infer<typeof BacktestStories>;
/** What `weir backtest --json` prints; `recall` and `precision` are null where the denominator is 0. */
export const BacktestReport = z.object({ events: z.number().int(), positives: z.number().int(), tookMs: z.number(), eventsPerSecond: z.number(), rules: z.array(BacktestRule), combinations: z.array(BacktestRule), /** Per pack of rules, where the backtest was told what each event was part of. */ stories: BacktestStories.optional() });
export type BacktestReport = z.infer<typeof BacktestReport>;
/** A backtest that was started; `result` once it is done, `error` in one sentence when it failed. */
export const BacktestJob = z.object({
  id: z.string(), status: z.enum(['running', 'done', 'failed', 'cancelled']), startedAt: EpochMs, days: z.number().int(),
  fromTs: EpochMs.optional(), toTs: EpochMs.optional(), eventsDone: z.number().int(), eventsTotal: z.number().int(),
  error: z.string().optional(),
  result: z.object({
    report: BacktestReport,
    perDay: z.array(z.object({ day: z.string(), alerts: z.number().int() })),
    /** Alerts of the live version of the same rule in the same period, when there is one. */
    liveAlerts: z.number().int().optional(),
    analystHoursPerDay: z.number(),
    samples: z.array(z.object({ alertId: z.string(), ts: EpochMs, /** Triggering event; absent for windows. */ eventId: z.string().optional(), reason: z.string(), key: z.string(), fraud: z.boolean().nullable() })),
  }).optional(),
});
export type BacktestJob = z.infer<typeof BacktestJob>;

/** The pipeline at one moment: totals since start, lags, sizes in bytes, and what is wrong. */
export const OpsSnapshot = z.object({
  at: EpochMs,
  eventsPerSecond: z.number(), acceptedTotal: z.number().int(), lateTotal: z.number().int(), duplicateTotal: z.number().int(), deadLetterTotal: z.number().int(), alertsTotal: z.number().int(),
  unknownFieldTotal: z.number().int(),
  log: z.object({ lastSeq: z.number().int(), firstSeq: z.number().int(), bytes: z.number(), segments: z.number().int() }),
  engine: z.object({ seq: z.number().int(), lagEvents: z.number().int(), lagSeconds: z.number(), watermark: EpochMs.optional(), watermarkDelayMs: z.number().optional(), keys: z.number().int(), windowEvents: z.number().int(), stateBytes: z.number(), /** Of the memory that the state lies in: bytes taken, and how many there can be. */ memoryBytes: z.number().optional(), memoryLimitBytes: z.number().optional(), /** Matches of sequences under way. */ openMatches: z.number().int().optional(), /** Of these, given up because a key had too many. */ givenUpMatches: z.number().int().optional(), rules: z.number().int(), evalNsP50: z.number(), evalNsP99: z.number(), state: z.enum(['starting', 'warming', 'running', 'stopped', 'failed']), problem: z.string().optional() }),
  /** The newest release since start: windows and sequences that went on, were warmed from the log, are gone, and the entries replayed for it. */
  release: z.object({ seq: z.number().int(), kept: z.number().int(), warmed: z.number().int(), freed: z.number().int(), replayed: z.number().int() }).optional(),
  checkpoint: z.object({ lastAt: EpochMs.optional(), seq: z.number().int().optional(), tookMs: z.number().optional(), bytes: z.number().optional(), /** The longest that evaluation waited for a slice of it. */ worstStallMs: z.number().optional(), failures: z.number().int(), /** Written since start. */ taken: z.number().int().optional() }),
  /** Named sources of events: how many are known, send nothing, wait for another, and for how long nothing has come on while some wait. */
  sources: z.object({ known: z.number().int(), idle: z.number().int(), waiting: z.number().int(), stalledSeconds: z.number() }).optional(),
  store: z.object({ progressSeq: z.number().int(), pendingAlerts: z.number().int() }),
  feed: z.object({ clients: z.number().int(), gaps: z.number().int() }),
  problems: z.array(z.object({ severity: z.enum(['warning', 'error']), text: z.string(), since: EpochMs, advice: z.string() })),
});
export type OpsSnapshot = z.infer<typeof OpsSnapshot>;

/** What the first page shows. */
export const Overview = z.object({
  at: EpochMs,
  eventsPerSecond: z.number(), alertsPerMinute: z.number(), open: z.record(Severity, z.number().int()), pastSla: z.number().int(), nextSlaAt: EpochMs.optional(),
  evalNsP99: z.number(),
  /** 60 one-minute buckets, oldest first; `at` = start of the minute. */
  minutes: z.array(z.object({ at: EpochMs, events: z.number().int(), low: z.number().int(), medium: z.number().int(), high: z.number().int(), critical: z.number().int() })),
  newestCritical: z.array(AlertRow),
  rules: z.number().int(), eventsTotal: z.number().int(), since: EpochMs.optional(),
});
export type Overview = z.infer<typeof Overview>;

/** Name of a named list, as rules write it in `list("name")`. */
export const ListName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/, 'letters, digits, `-`, `_` and `.`, at most 100');
/** A named list. It exists from its first entry on, or because a released rule names it. */
export const ListRow = z.object({
  name: z.string(), entries: z.number().int(),
  /** Ids of the released rules (live or shadow) that name it, sorted. */
  usedBy: z.array(z.string()),
  changedAt: EpochMs.optional(), changedBy: z.string().optional(),
});
export type ListRow = z.infer<typeof ListRow>;
/** GET /v1/lists. */
export const ListIndex = z.object({ items: z.array(ListRow) });
export type ListIndex = z.infer<typeof ListIndex>;
/** One value of a list, who added it and why. */
export const ListEntryRow = z.object({
  value: z.string(), why: z.string(), by: z.string(), addedAt: EpochMs,
  /** When it leaves the list by itself; absent: never. */
  until: EpochMs.optional(),
  /** Place of its (newest) adding in the event log. Absent while it waits for the log. */
  seq: z.number().int().optional(),
});
export type ListEntryRow = z.infer<typeof ListEntryRow>;
/** GET /v1/lists/:name: entries, newest first. */
export const ListPage = z.object({ list: ListRow, items: z.array(ListEntryRow), nextCursor: z.string().optional() });
export type ListPage = z.infer<typeof ListPage>;
/** White space around a value is cut off. `until`: absent leaves that of known entries as it is, null means never. */
export const AddListEntries = z.object({ values: z.array(z.string()).min(1).max(1000), why: z.string().trim().min(1).max(500), until: EpochMs.nullable().optional() });
export type AddListEntries = z.infer<typeof AddListEntries>;
/** Takes values off a list, and says why. */
export const RemoveListEntries = AddListEntries.omit({ until: true });
export type RemoveListEntries = z.infer<typeof RemoveListEntries>;
/** What became of one value: `new` (added), `known` (was there), `removed`, `absent` (was not there), `bad` (refused, with the reason). */
export const ListValueAnswer = z.object({ value: z.string(), status: z.enum(['new', 'known', 'removed', 'absent', 'bad']), reason: z.string().optional() });
export type ListValueAnswer = z.infer<typeof ListValueAnswer>;
/** One answer a value, in the order sent. `seq`: place of the last change in the event log; absent when nothing changed or the changes still wait for the log (they are kept and sent). */
export const ListAnswer = z.object({ list: ListRow, answers: z.array(ListValueAnswer), seq: z.number().int().optional() });
export type ListAnswer = z.infer<typeof ListAnswer>;

/** Messages leave only after the commit they report. `cursor` is opaque; send it back in `subscribe` after a reconnect. */
export const FeedMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello'), cursor: z.string() }),
  z.object({ kind: z.literal('alert'), cursor: z.string(), row: AlertRow }),
  z.object({ kind: z.literal('alert-changed'), cursor: z.string(), row: AlertRow }),
  z.object({ kind: z.literal('case-changed'), cursor: z.string(), row: CaseRow }),
  z.object({ kind: z.literal('rules-changed'), cursor: z.string(), release: z.number().int() }),
  z.object({ kind: z.literal('stats'), eventsPerSecond: z.number(), alertsPerMinute: z.number(), open: z.number().int(), openBySeverity: z.record(Severity, z.number().int()), at: EpochMs }),
  z.object({ kind: z.literal('ops'), ops: OpsSnapshot }),
  z.object({ kind: z.literal('job'), job: BacktestJob }),
  /** Too far behind, or the server restarted: refetch what is on the screen. */
  z.object({ kind: z.literal('gap'), cursor: z.string() }),
]);
export type FeedMessage = z.infer<typeof FeedMessage>;
const FeedTopic = z.enum(['alerts', 'cases', 'rules', 'stats', 'ops', 'jobs']);
/** What a client of the feed sends. `from`: the cursor of the last message seen; what came since then follows, or a `gap`. */
export const FeedCommand = z.object({ kind: z.literal('subscribe'), topics: z.array(FeedTopic), from: z.string().optional() });
export type FeedCommand = z.infer<typeof FeedCommand>;
