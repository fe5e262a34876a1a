import type { MigrationInterface, QueryRunner } from 'typeorm';

const up = `
create table lists (
  name text not null constraint lists_pkey primary key,
  changed_at bigint not null,
  changed_by text not null
);
create table list_changes (
  n bigint generated always as identity constraint list_changes_pkey primary key,
  list text not null,
  value text not null,
  change text not null,
  by text not null,
  why text not null,
  at bigint not null,
  seq bigint
);
create index list_changes_unsent on list_changes (n) where seq is null;
create index list_changes_value on list_changes (list, value, n);
create table list_entries (
  list text not null,
  value text not null,
  why text not null,
  by text not null,
  added_at bigint not null,
  until bigint,
  change_n bigint not null,
  constraint list_entries_pkey primary key (list, value)
);
create index list_entries_newest on list_entries (list, change_n);
create index list_entries_until on list_entries (until) where until is not null;
`;

const down = 'drop table list_entries, list_changes, lists;';

/** Named lists: what stands on them, and their changes on the way into the event log. */
export class NamedLists1795300000000 implements MigrationInterface {
  readonly name = 'NamedLists1795300000000';
  async up(runner: QueryRunner): Promise<void> { await runner.query(up); }
  async down(runner: QueryRunner): Promise<void> { await runner.query(down); }
}
