import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An alert with its place in the queue. `alert` is what the engine emitted, whole; the other columns are what is searched and sorted by. */
@Entity('alerts')
@Index('alerts_queue', { synchronize: false }) // descending: only the migration can say it
@Index('alerts_sla', ['slaDueAt'], { where: `((status = 'open'::text) AND (mode = 'live'::text))` })
@Index('alerts_lease', ['leaseUntil'], { where: '(lease_until IS NOT NULL)' })
@Index('alerts_arrival', ['arrival'], { unique: true })
@Index('alerts_received', ['receivedAt'])
@Index('alerts_subject', ['subjectToken'])
@Index('alerts_subject_open', ['subjectToken'], { where: `((status = 'open'::text) AND (mode = 'live'::text))` })
@Index('alerts_case', ['caseId'])
@Index('alerts_case_open', { synchronize: false })
@Index('alerts_rule', ['rule', 'receivedAt'])
export class AlertEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'alerts_pkey' }) id!: string; // !: set by TypeORM
  /** Order in which alerts entered the store (sequence `alert_arrivals`): what a snapshot of the queue ends at. */
  @Column('bigint') arrival!: number;
  @Column('integer', { default: 1 }) version!: number;
  @Column('bigint') seq!: number;
  @Column('text') rule!: string;
  @Column('text') title!: string;
  /** 1 low to 4 critical. */
  @Column('smallint') severity!: number;
  @Column('smallint') score!: number;
  @Column('text') action!: string;
  @Column('text') reason!: string;
  /** Character ranges of `reason` with the name of their value, for masking. */
  @Column('jsonb', { name: 'reason_parts' }) reasonParts!: unknown;
  @Column('text') mode!: 'live' | 'shadow';
  @Column('text', { name: 'subject_field' }) subjectField!: string;
  @Column('text', { name: 'subject_value' }) subjectValue!: string;
  @Column('text', { name: 'subject_token' }) subjectToken!: string;
  @Column('numeric', { nullable: true }) amount!: string | null;
  @Column('text', { nullable: true }) currency!: string | null;
  @Column('text', { name: 'trigger_event', nullable: true }) triggerEvent!: string | null;
  @Column('bigint') ts!: number;
  @Column('bigint', { name: 'received_at' }) receivedAt!: number;
  @Column('bigint', { name: 'sla_due_at' }) slaDueAt!: number;
  @Column('text', { default: 'open' }) status!: 'open' | 'closed';
  @Column('text', { nullable: true }) disposition!: string | null;
  @Column('text', { name: 'disposition_reason', nullable: true }) dispositionReason!: string | null;
  @Column('text', { name: 'decided_by', nullable: true }) decidedBy!: string | null;
  @Column('bigint', { name: 'decided_at', nullable: true }) decidedAt!: number | null;
  /** The decision in force; alerts decided together share its group. */
  @Column('bigint', { name: 'decision_id', nullable: true }) decisionId!: number | null;
  @Column('text', { nullable: true }) assignee!: string | null;
  @Column('bigint', { name: 'lease_until', nullable: true }) leaseUntil!: number | null;
  @Column('text', { name: 'released_by', nullable: true }) releasedBy!: string | null;
  @Column('bigint', { name: 'released_at', nullable: true }) releasedAt!: number | null;
  @Column('text', { name: 'changed_by', nullable: true }) changedBy!: string | null;
  @Column('bigint', { name: 'changed_at', nullable: true }) changedAt!: number | null;
  /** Null for shadow alerts: they belong to no case. */
  @Column('text', { name: 'case_id', nullable: true }) caseId!: string | null;
  @Column('jsonb') alert!: unknown;
}
