import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The work on one subject. At most one case of a subject is not closed. */
@Entity('cases')
@Index('cases_open_subject', ['subjectToken'], { unique: true, where: `(status <> 'closed'::text)` })
@Index('cases_subject', ['subjectToken', 'closedAt'])
@Index('cases_updated', { synchronize: false }) // (updated_at, id): TypeORM reads such an index back in the table's column order
export class CaseEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'cases_pkey' }) id!: string; // !: set by TypeORM
  @Column('integer', { default: 1 }) version!: number;
  @Column('text') title!: string;
  @Column('text', { name: 'subject_field' }) subjectField!: string;
  @Column('text', { name: 'subject_value' }) subjectValue!: string;
  @Column('text', { name: 'subject_token' }) subjectToken!: string;
  @Column('text', { default: 'open' }) status!: string;
  @Column('text') priority!: string;
  @Column('text', { nullable: true }) owner!: string | null;
  @Column('bigint', { name: 'opened_at' }) openedAt!: number;
  @Column('bigint', { name: 'updated_at' }) updatedAt!: number;
  @Column('bigint', { name: 'closed_at', nullable: true }) closedAt!: number | null;
  @Column('text', { name: 'changed_by', nullable: true }) changedBy!: string | null;
}
