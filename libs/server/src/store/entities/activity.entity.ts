import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What people and the desk did: only added, never changed. Each row's hash covers the row and the hash before it. */
@Entity('activity')
@Index('activity_alert', ['alertId'], { where: '(alert_id IS NOT NULL)' })
@Index('activity_case', ['caseId'], { where: '(case_id IS NOT NULL)' })
export class ActivityEntity {
  /** 1, 2, 3, ... without gaps. */
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'activity_pkey' }) n!: number; // !: set by TypeORM
  @Column('bigint') at!: number;
  @Column('text') actor!: string;
  @Column('text') kind!: string;
  /** One sentence for people. */
  @Column('text') text!: string;
  @Column('text', { name: 'alert_id', nullable: true }) alertId!: string | null;
  @Column('text', { name: 'case_id', nullable: true }) caseId!: string | null;
  /** What was before and after, where that matters. */
  @Column('jsonb', { nullable: true }) detail!: unknown;
  @Column('text') hash!: string;
}
