import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** One disposition of one alert, kept for good; an undone one says when. `n` counts the labels of the alert. */
@Entity('decisions')
@Index('decisions_alert', ['alertId', 'id'])
@Index('decisions_group', ['groupId'])
export class DecisionEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', primaryKeyConstraintName: 'decisions_pkey', generatedIdentity: 'ALWAYS' }) id!: number; // !: set by TypeORM
  /** Alerts decided by one act share it, and are undone by one act. */
  @Column('text', { name: 'group_id' }) groupId!: string;
  @Column('text', { name: 'alert_id' }) alertId!: string;
  @Column('text') disposition!: string;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('text') by!: string;
  @Column('bigint') at!: number;
  @Column('integer', { name: 'alert_version' }) alertVersion!: number;
  @Column('bigint', { name: 'undone_at', nullable: true }) undoneAt!: number | null;
}
