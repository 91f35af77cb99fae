import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import { type CredentialKind, type Scope } from '../credentials/principal.js';

/** A credential without the credential: only its keyed digest and its ends are kept. */
@Entity('credentials')
export class Credential {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  kind!: CredentialKind;

  @Column('text', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text', { nullable: true })
  name!: string | null;

  @Column('bytea', { select: false })
  digest!: Buffer;

  @Column('text')
  prefix!: string;

  @Column('text')
  last4!: string;

  @Column('text', { array: true })
  scopes!: Scope[];

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;
}
