import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Labels on their way into the event log. A row is written with its disposition, in one transaction, and sent when it is due. */
@Entity('label_outbox')
@Index('label_outbox_due', ['dueAt'], { where: '(sent_at IS NULL)' })
@Index('label_outbox_decision', ['decisionId'])
export class LabelOutboxEntity {
  /** `label-<alertId>-<n>`: the event id, so that sending twice is a duplicate in the log. */
  @PrimaryColumn('text', { name: 'event_id', primaryKeyConstraintName: 'label_outbox_pkey' }) eventId!: string; // !: set by TypeORM
  @Column('text', { name: 'alert_id' }) alertId!: string;
  @Column('bigint', { name: 'decision_id' }) decisionId!: number;
  @Column('jsonb') fields!: unknown;
  @Column('bigint', { name: 'due_at' }) dueAt!: number;
  @Column('bigint', { name: 'sent_at', nullable: true }) sentAt!: number | null;
  /** Its place in the event log. */
  @Column('bigint', { nullable: true }) seq!: number | null;
  @Column('integer', { default: 0 }) attempts!: number;
  @Column('text', { name: 'last_error', nullable: true }) lastError!: string | null;
}
