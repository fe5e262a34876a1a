import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('users')
export class UserEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'users_pkey' }) name!: string; // !: set by TypeORM
  @Column('text', { name: 'display_name' }) displayName!: string;
  @Column('text', { array: true }) roles!: string[];
  /** `scrypt$N$r$p$salt$hash`; null: no password yet, sign-in only by a one-time link. */
  @Column('text', { name: 'password_hash', nullable: true }) passwordHash!: string | null;
  /** One of the people of the demo, whom an admin may act as. */
  @Column('boolean', { name: 'is_demo', default: false }) isDemo!: boolean;
  @Column('bigint', { name: 'created_at' }) createdAt!: number;
}

/** A signed-in browser. Only the SHA-256 of its cookie is kept. */
@Entity('sessions')
@Index('sessions_user', ['userName'])
export class SessionEntity {
  @PrimaryColumn('text', { name: 'token_hash', primaryKeyConstraintName: 'sessions_pkey' }) tokenHash!: string;
  @Column('text', { name: 'user_name' }) userName!: string;
  /** A person of the demo in whose name requests run. */
  @Column('text', { name: 'acting_as', nullable: true }) actingAs!: string | null;
  @Column('text', { name: 'csrf_token' }) csrfToken!: string;
  @Column('bigint', { name: 'created_at' }) createdAt!: number;
  @Column('bigint', { name: 'expires_at' }) expiresAt!: number;
}

/** A key of a machine. Only its SHA-256 is kept; it is shown once. */
@Entity('api_keys')
@Index('api_keys_hash', ['keyHash'], { unique: true })
export class ApiKeyEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'api_keys_pkey' }) id!: string;
  @Column('text') name!: string;
  @Column('text', { array: true }) roles!: string[];
  @Column('text', { name: 'key_hash' }) keyHash!: string;
  @Column('bigint', { name: 'created_at' }) createdAt!: number;
  @Column('text', { name: 'created_by' }) createdBy!: string;
  @Column('bigint', { name: 'last_used_at', nullable: true }) lastUsedAt!: number | null;
  @Column('bigint', { name: 'revoked_at', nullable: true }) revokedAt!: number | null;
}

/** One-time links: they sign a person without a password in, once. */
@Entity('setup_tokens')
export class SetupTokenEntity {
  @PrimaryColumn('text', { name: 'token_hash', primaryKeyConstraintName: 'setup_tokens_pkey' }) tokenHash!: string;
  @Column('text', { name: 'user_name' }) userName!: string;
  @Column('bigint', { name: 'created_at' }) createdAt!: number;
  @Column('bigint', { name: 'expires_at' }) expiresAt!: number;
  @Column('bigint', { name: 'used_at', nullable: true }) usedAt!: number | null;
}
