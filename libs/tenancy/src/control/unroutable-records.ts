import { randomUUID } from 'node:crypto';
import { type DeliveredRecord, encodedHeaders, type Source } from '@parley/messaging';
import { type ControlDatabase } from './control-database.js';
import { UnroutableRecord } from './unroutable-record.entity.js';

type RawRecord = Omit<DeliveredRecord, 'timestamp'>;

/** Dead letters of records that name no tenant we know: there is no tenant's database to keep them in. */
export class UnroutableRecords {
  constructor(private readonly control: ControlDatabase) {}

  /** Resolves when the records are kept; those kept before stay as they are. */
  async keep(from: Source, records: readonly RawRecord[], reason: string): Promise<void> {
    const { bus: busId, ...place } = from;
    const rows = records.map(({ offset, key, headers, value }) => ({
      ...place,
      busId,
      id: randomUUID(),
      reason,
      offset,
      key,
      value,
      headers: encodedHeaders(headers),
    }));
    if (rows.length === 0) return;
    await this.control.rows
      .createQueryBuilder()
      .insert()
      .into(UnroutableRecord)
      .values(rows)
      .orIgnore()
      .execute();
  }
}
