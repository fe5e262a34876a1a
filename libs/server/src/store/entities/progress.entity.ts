import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Up to which seq of a source every alert is stored: written in the transaction of those alerts. */
@Entity('progress')
export class ProgressEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'progress_pkey' }) source!: string; // !: set by TypeORM
  @Column('bigint') seq!: number;
  @Column('bigint', { name: 'updated_at' }) updatedAt!: number;
}
