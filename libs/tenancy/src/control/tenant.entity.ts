import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** An account; `id` is also the name of its database. */
@Entity('tenants')
export class Tenant {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  name!: string;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
