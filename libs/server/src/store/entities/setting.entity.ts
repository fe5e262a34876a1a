import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Single values of the desk, such as the secret that subject tokens are made with. */
@Entity('settings')
export class SettingEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'settings_pkey' }) key!: string; // !: set by TypeORM
  @Column('jsonb') value!: unknown;
}
