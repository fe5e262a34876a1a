import type { MigrationInterface, QueryRunner } from 'typeorm';

const up = `
create sequence alert_arrivals;
create sequence case_numbers start with 1001;

create table cases (
  id text not null constraint cases_pkey primary key,
  version integer not null default 1,
  title text not null,
  subject_field text not null,
  subject_value text not null,
  subject_token text not null,
  status text not null default 'open',
  priority text not null,
  owner text,
  opened_at bigint not null,
  updated_at bigint not null,
  closed_at bigint,
  changed_by text
);
create unique index cases_open_subject on cases (subject_token) where status <> 'closed';
create index cases_subject on cases (subject_token, closed_at);
create index cases_updated on cases (updated_at, id);

create table alerts (
  id text not null constraint alerts_pkey primary key,
  arrival bigint not null,
  version integer not null default 1,
  seq bigint not null,
  rule text not null,
  title text not null,
  severity smallint not null,
  score smallint not null,
  action text not null,
  reason text not null,
  reason_parts jsonb not null,
  mode text not null,
  subject_field text not null,
  subject_value text not null,
  subject_token text not null,
  amount numeric,
  currency text,
  trigger_event text,
  ts bigint not null,
  received_at bigint not null,
  sla_due_at bigint not null,
  status text not null default 'open',
  disposition text,
  disposition_reason text,
  decided_by text,
  decided_at bigint,
  decision_id bigint,
  assignee text,
  lease_until bigint,
  released_by text,
  released_at bigint,
  changed_by text,
  changed_at bigint,
  case_id text,
  alert jsonb not null
);
alter table alerts alter column alert set statistics 0;
create index alerts_queue on alerts (score desc, ts, id collate "C") include (sla_due_at, severity, arrival) where status = 'open' and mode = 'live';
create index alerts_sla on alerts (sla_due_at) where status = 'open' and mode = 'live';
create index alerts_lease on alerts (lease_until) where lease_until is not null;
create unique index alerts_arrival on alerts (arrival);
create index alerts_received on alerts (received_at);
create index alerts_subject on alerts (subject_token);
create index alerts_subject_open on alerts (subject_token) where status = 'open' and mode = 'live';
create index alerts_case on alerts (case_id);
create index alerts_case_open on alerts (case_id, sla_due_at) where status = 'open';
create index alerts_rule on alerts (rule, received_at);

create table decisions (
  id bigint generated always as identity constraint decisions_pkey primary key,
  group_id text not null,
  alert_id text not null,
  disposition text not null,
  reason text,
  by text not null,
  at bigint not null,
  alert_version integer not null,
  undone_at bigint
);
create index decisions_alert on decisions (alert_id, id);
create index decisions_group on decisions (group_id);

create table label_outbox (
  event_id text not null constraint label_outbox_pkey primary key,
  alert_id text not null,
  decision_id bigint not null,
  fields jsonb not null,
  due_at bigint not null,
  sent_at bigint,
  seq bigint,
  attempts integer not null default 0,
  last_error text
);
create index label_outbox_due on label_outbox (due_at) where sent_at is null;
create index label_outbox_decision on label_outbox (decision_id);

create table activity (
  n bigint not null constraint activity_pkey primary key,
  at bigint not null,
  actor text not null,
  kind text not null,
  text text not null,
  alert_id text,
  case_id text,
  detail jsonb,
  hash text not null
);
create index activity_alert on activity (alert_id) where alert_id is not null;
create index activity_case on activity (case_id) where case_id is not null;

create table progress (source text not null constraint progress_pkey primary key, seq bigint not null, updated_at bigint not null);

create table users (
  name text not null constraint users_pkey primary key,
  display_name text not null,
  roles text[] not null,
  password_hash text,
  is_demo boolean not null default false,
  created_at bigint not null
);
create table sessions (
  token_hash text not null constraint sessions_pkey primary key,
  user_name text not null,
  acting_as text,
  csrf_token text not null,
  created_at bigint not null,
  expires_at bigint not null
);
create index sessions_user on sessions (user_name);
create table api_keys (
  id text not null constraint api_keys_pkey primary key,
  name text not null,
  roles text[] not null,
  key_hash text not null,
  created_at bigint not null,
  created_by text not null,
  last_used_at bigint,
  revoked_at bigint
);
create unique index api_keys_hash on api_keys (key_hash);
create table setup_tokens (
  token_hash text not null constraint setup_tokens_pkey primary key,
  user_name text not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint
);

create table rules (
  id text not null constraint rules_pkey primary key,
  pack text not null,
  mode text not null,
  release integer not null,
  version text not null,
  title text not null,
  owner text not null,
  severity smallint not null,
  score smallint not null,
  action text not null,
  text text not null,
  changed_at bigint not null,
  changed_by text not null
);
create table rule_releases (
  rule_id text not null,
  release integer not null,
  version text not null,
  mode text not null,
  text text not null,
  at bigint not null,
  by text not null,
  why text not null,
  constraint rule_releases_pkey primary key (rule_id, release)
);
create table settings (key text not null constraint settings_pkey primary key, value jsonb not null);
`;

const down = `
drop table settings, rule_releases, rules, setup_tokens, api_keys, sessions, users, progress, activity, label_outbox, decisions, alerts, cases;
drop sequence case_numbers;
drop sequence alert_arrivals;
`;

/** The case store as first released. */
export class InitialSchema1795200000000 implements MigrationInterface {
  readonly name = 'InitialSchema1795200000000';
  async up(runner: QueryRunner): Promise<void> { await runner.query(up); }
  async down(runner: QueryRunner): Promise<void> { await runner.query(down); }
}
