import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A dead letter of a record that names no tenant we know, with the coordinates it came from. */
@Entity('unroutable_records')
export class UnroutableRecord {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('timestamptz', { name: 'arrived_at' })
  arrivedAt!: Date;

  @Column('text')
  reason!: string;

  @Column('text', { name: 'bus_id' })
  busId!: string;

  @Column('int')
  incarnation!: number;

  @Column('text', { name: 'consumer_group' })
  group!: string;

  @Column('text')
  topic!: string;

  @Column('int')
  partition!: number;

  @Column('bigint', { transformer: { to: (value: number) => value, from: Number } })
  offset!: number;

  @Column('bytea', { name: 'record_key', nullable: true })
  key!: Buffer | null;

  /** Header values as base64. */
  @Column('json')
  headers!: Record<string, string>;

  @Column('bytea', { nullable: true })
  value!: Buffer | null;
}
