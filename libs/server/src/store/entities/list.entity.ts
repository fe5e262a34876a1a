import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** A named list that has or had an entry. */
@Entity('lists')
export class ListEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'lists_pkey' }) name!: string; // !: set by TypeORM
  @Column('bigint', { name: 'changed_at' }) changedAt!: number;
  @Column('text', { name: 'changed_by' }) changedBy!: string;
}

/** Every change of a list, in the order of the event log; the unsent ones are its outbox. Only added; `seq` is set once. */
@Entity('list_changes')
@Index('list_changes_unsent', ['n'], { where: '(seq IS NULL)' })
@Index('list_changes_value', ['list', 'value', 'n'])
export class ListChangeEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'list_changes_pkey' }) n!: number; // !: set by TypeORM
  @Column('text') list!: string;
  @Column('text') value!: string;
  /** `add` or `remove`. */
  @Column('text') change!: string;
  @Column('text') by!: string;
  @Column('text') why!: string;
  @Column('bigint') at!: number;
  /** Its place in the event log; null: not known to be there. */
  @Column('bigint', { nullable: true }) seq!: number | null;
}

/** What stands on a list when all its changes have counted. */
@Entity('list_entries')
@Index('list_entries_newest', ['list', 'changeN'])
@Index('list_entries_until', ['until'], { where: '(until IS NOT NULL)' })
export class ListEntryEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'list_entries_pkey' }) list!: string; // !: set by TypeORM
  @PrimaryColumn('text', { primaryKeyConstraintName: 'list_entries_pkey' }) value!: string;
  @Column('text') why!: string;
  @Column('text') by!: string;
  @Column('bigint', { name: 'added_at' }) addedAt!: number;
  /** When it is taken off by itself; null: never. */
  @Column('bigint', { nullable: true }) until!: number | null;
  /** The change that put it there. */
  @Column('bigint', { name: 'change_n' }) changeN!: number;
}
