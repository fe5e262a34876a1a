import {
  AddListEntries, ListAnswer, ListIndex, ListPage, RemoveListEntries,
  AddNote, AlertDetail, AlertPage, AlertRow, AssignAlert, BacktestJob, CaseDetail, CasePage, CaseRow, ChangeCase, Decision, DisposeAlert, ExplainEvent, IngestAnswer, Login, Me, NewApiKey, OpsSnapshot,
  Overview, RuleCheck, RuleDetail, RuleExplanation, RuleText, SaveRule, SetPassword, SetupLogin, StartBacktest, User,
} from '@weir/contracts';
import { z } from 'zod';
import { ActAs, ApiKeyList, NewApiKeyAnswer, NewUser, UserList } from '../access/access.controller.js';
import { AlertSearch } from '../alerts/alerts.controller.js';
import { CaseSearch } from '../cases/cases.controller.js';
import { ArrayAnswer, EventSearch } from '../events/events.controller.js';
import { ListSearch } from '../lists/lists.controller.js';
import { DeadLetterList, DeadLetterSearch, Health, SetDemo } from '../ops/ops.controller.js';
import { RuleList, SchemaAnswer } from '../rules/rules.controller.js';

/** One operation of the API as the document shows it. A schema's name is its key in `components`. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{id}` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly isPublic?: true | undefined;
  readonly query?: z.ZodObject | undefined;
  readonly body?: string | undefined;
  /** Name of the answer's schema; absent: no content (204). */
  readonly answer?: string | undefined;
  readonly status?: number | undefined;
  /** True: needs If-Match with the version seen. */
  readonly ifMatch?: true | undefined;
  /** Content type of body and answer where it is not JSON. */
  readonly stream?: string | undefined;
}

const Event = z.looseObject({ id: z.string(), type: z.string(), ts: z.union([z.number(), z.string()]) }).describe('One event: id, type, ts and the fields of its type in rules/schema.yaml.');
const EventOrEvents = z.union([Event, z.array(Event)]);
const IngestAnswers = z.union([IngestAnswer, ArrayAnswer]);
const ChainStateAnswer = z.object({ ok: z.boolean(), rows: z.number().int(), lastAt: z.number().int().optional(), brokenAt: z.number().int().optional() });

/** Every schema the operations name. */
export const schemas = {
  Me, Login, SetupLogin, SetPassword, ActAs, User, NewUser, UserList, ApiKeyList, NewApiKey, NewApiKeyAnswer, Event, EventOrEvents, IngestAnswer, IngestAnswers, ArrayAnswer, Decision,
  AlertPage, AlertDetail, AlertRow, DisposeAlert, AssignAlert, AddNote, CasePage, CaseDetail, CaseRow, ChangeCase, RuleList, RuleDetail, RuleText, RuleCheck, SaveRule, SchemaAnswer, ExplainEvent, RuleExplanation,
  ListIndex, ListPage, ListAnswer, AddListEntries, RemoveListEntries, StartBacktest, BacktestJob, Overview, OpsSnapshot, DeadLetterList, SetDemo, Health, ChainStateAnswer,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type SchemaName = keyof typeof schemas;

/** Every route under the API, in the order of the document. A test compares it with the routes that exist. */
export const operations: readonly (Operation & { readonly body?: SchemaName | undefined; readonly answer?: SchemaName | undefined })[] = [
  { method: 'post', path: '/v1/login', summary: 'Sign in by password', isPublic: true, body: 'Login', answer: 'Me' },
  { method: 'post', path: '/v1/login/setup', summary: 'Sign in by a one-time link', isPublic: true, body: 'SetupLogin', answer: 'Me' },
  { method: 'post', path: '/v1/logout', summary: 'End the session' },
  { method: 'get', path: '/v1/me', summary: 'Who is signed in', answer: 'Me' },
  { method: 'post', path: '/v1/me/password', summary: 'Set a new password', body: 'SetPassword', answer: 'Me' },
  { method: 'post', path: '/v1/me/act-as', summary: 'Demo: go on in the name of one of its people', body: 'ActAs' },
  { method: 'get', path: '/v1/users', summary: 'Users', answer: 'UserList' },
  { method: 'post', path: '/v1/users', summary: 'Add a user', body: 'NewUser', answer: 'User', status: 201 },
  { method: 'get', path: '/v1/api-keys', summary: 'API keys', answer: 'ApiKeyList' },
  { method: 'post', path: '/v1/api-keys', summary: 'Make an API key; it is shown once', body: 'NewApiKey', answer: 'NewApiKeyAnswer', status: 201 },
  { method: 'delete', path: '/v1/api-keys/{id}', summary: 'Revoke an API key' },
  { method: 'post', path: '/v1/events', summary: 'Publish one event, an array, or a stream of lines; answered per event after it is durable', query: EventSearch, body: 'EventOrEvents', answer: 'IngestAnswers', stream: 'application/x-ndjson' },
  { method: 'post', path: '/v1/decisions', summary: 'Ask for an in-line decision on one event', body: 'Event', answer: 'Decision' },
  { method: 'get', path: '/v1/alerts', summary: 'The alert queue', query: AlertSearch, answer: 'AlertPage' },
  { method: 'get', path: '/v1/alerts/{id}', summary: 'One alert with its explanation', answer: 'AlertDetail' },
  { method: 'post', path: '/v1/alerts/{id}/disposition', summary: 'Decide an alert', body: 'DisposeAlert', answer: 'AlertRow', ifMatch: true },
  { method: 'delete', path: '/v1/alerts/{id}/disposition', summary: 'Take a disposition back within the undo time', answer: 'AlertRow', status: 200 },
  { method: 'post', path: '/v1/alerts/{id}/claim', summary: 'Take an alert for 20 minutes', answer: 'AlertRow' },
  { method: 'post', path: '/v1/alerts/{id}/release', summary: 'Give an alert back', answer: 'AlertRow' },
  { method: 'post', path: '/v1/alerts/{id}/assign', summary: 'Hand an alert to somebody or nobody', body: 'AssignAlert', answer: 'AlertRow' },
  { method: 'post', path: '/v1/alerts/{id}/notes', summary: 'Add a note', body: 'AddNote', answer: 'AlertRow' },
  { method: 'post', path: '/v1/queue/next', summary: 'Take the next free alert; 204 when there is none', answer: 'AlertDetail' },
  { method: 'get', path: '/v1/cases', summary: 'Cases, newest change first', query: CaseSearch, answer: 'CasePage' },
  { method: 'get', path: '/v1/cases/{id}', summary: 'One case with its story', answer: 'CaseDetail' },
  { method: 'patch', path: '/v1/cases/{id}', summary: 'Change status, priority or owner', body: 'ChangeCase', answer: 'CaseRow', ifMatch: true },
  { method: 'post', path: '/v1/cases/{id}/notes', summary: 'Add a note', body: 'AddNote', answer: 'CaseRow' },
  { method: 'get', path: '/v1/rules', summary: 'Rules with their quality', answer: 'RuleList' },
  { method: 'post', path: '/v1/rules/check', summary: 'Check a rule text and run its tests', body: 'RuleText', answer: 'RuleCheck' },
  { method: 'post', path: '/v1/rules/explain', summary: 'What a rule, or a draft, made of an event of the log, fired or not; 422 where it would look at more than 100,000 events', body: 'ExplainEvent', answer: 'RuleExplanation' },
  { method: 'get', path: '/v1/rules/{id}', summary: 'One rule with its releases', answer: 'RuleDetail' },
  { method: 'put', path: '/v1/rules/{id}', summary: 'Check, test and release a rule; 422 with its findings when it is refused', body: 'SaveRule', answer: 'RuleDetail', ifMatch: true },
  { method: 'get', path: '/v1/lists', summary: 'Named lists and the rules that use them', answer: 'ListIndex' },
  { method: 'get', path: '/v1/lists/{name}', summary: 'Entries of a list, newest first', query: ListSearch, answer: 'ListPage' },
  { method: 'post', path: '/v1/lists/{name}/entries', summary: 'Add values to a list, the first makes it; answered per value', body: 'AddListEntries', answer: 'ListAnswer' },
  { method: 'delete', path: '/v1/lists/{name}/entries', summary: 'Take values off a list; answered per value', body: 'RemoveListEntries', answer: 'ListAnswer', status: 200 },
  { method: 'get', path: '/v1/schema', summary: 'The event types', answer: 'SchemaAnswer' },
  { method: 'post', path: '/v1/backtests', summary: 'Run a rule over the last days of the event log', body: 'StartBacktest', answer: 'BacktestJob', status: 202 },
  { method: 'get', path: '/v1/backtests/{id}', summary: 'Progress and result of a backtest', answer: 'BacktestJob' },
  { method: 'delete', path: '/v1/backtests/{id}', summary: 'Cancel a backtest', answer: 'BacktestJob', status: 200 },
  { method: 'get', path: '/v1/overview', summary: 'What is happening now', answer: 'Overview' },
  { method: 'get', path: '/v1/ops', summary: 'State of the pipeline', answer: 'OpsSnapshot' },
  { method: 'get', path: '/v1/dead-letters', summary: 'Refused events, newest first', query: DeadLetterSearch, answer: 'DeadLetterList' },
  { method: 'post', path: '/v1/demo', summary: 'Start or stop the demo traffic', body: 'SetDemo', answer: 'SetDemo' },
  { method: 'get', path: '/v1/audit/verify', summary: 'Recompute the chain of everything people did', answer: 'ChainStateAnswer' },
  { method: 'get', path: '/v1/openapi.json', summary: 'This document', answer: undefined, status: 200 },
  { method: 'get', path: '/healthz', summary: 'The process lives', isPublic: true, answer: 'Health' },
  { method: 'get', path: '/readyz', summary: 'Events can be taken, evaluated and stored', isPublic: true, answer: 'Health' },
  { method: 'get', path: '/metrics', summary: 'Figures for Prometheus', status: 200 },
];
