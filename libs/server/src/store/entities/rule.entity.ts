import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A rule in its newest release. */
@Entity('rules')
export class RuleEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'rules_pkey' }) id!: string; // !: set by TypeORM
  @Column('text') pack!: string;
  @Column('text') mode!: 'live' | 'shadow' | 'off';
  @Column('integer') release!: number;
  /** Hash of the meaning. */
  @Column('text') version!: string;
  @Column('text') title!: string;
  @Column('text') owner!: string;
  @Column('smallint') severity!: number;
  @Column('smallint') score!: number;
  @Column('text') action!: string;
  @Column('text') text!: string;
  @Column('bigint', { name: 'changed_at' }) changedAt!: number;
  @Column('text', { name: 'changed_by' }) changedBy!: string;
}

/** Every release of every rule, kept for good. */
@Entity('rule_releases')
export class RuleReleaseEntity {
  @PrimaryColumn('text', { name: 'rule_id', primaryKeyConstraintName: 'rule_releases_pkey' }) ruleId!: string;
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'rule_releases_pkey' }) release!: number;
  @Column('text') version!: string;
  @Column('text') mode!: 'live' | 'shadow' | 'off';
  @Column('text') text!: string;
  @Column('bigint') at!: number;
  @Column('text') by!: string;
  @Column('text') why!: string;
}
