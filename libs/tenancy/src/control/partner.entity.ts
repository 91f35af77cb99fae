import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Whose partner may produce to which topic; `principal` is the one user of Kafka that does, where it is known. */
@Entity('partners')
export class Partner {
  @PrimaryColumn('text', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  topic!: string;

  @Column('text', { nullable: true })
  principal!: string | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
