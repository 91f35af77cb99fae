import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The name of the server that a tenant's database is on; addresses of servers are settings, not data. */
@Entity('placements')
export class Placement {
  @PrimaryColumn('text', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  server!: string;
}
