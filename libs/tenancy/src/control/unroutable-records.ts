import { randomUUID } from 'node:crypto';
import { type ControlDatabase } from './control-database.js';
import { UnroutableRecord } from './unroutable-record.entity.js';

/** Where a record came from; once more from there is the same record. */
export interface Coordinates {
  readonly bus: string;
  readonly incarnation: number;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/** A record as it was on the bus. */
export interface RawRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | undefined>>;
  readonly value: Buffer | null;
}

/** Dead letters of records that name no tenant we know: there is no tenant's database to keep them in. */
export class UnroutableRecords {
  constructor(private readonly control: ControlDatabase) {}

  /** Resolves when the records are kept; those kept before stay as they are. */
  async keep(from: Coordinates, records: readonly RawRecord[], reason: string): Promise<void> {
    const { bus: busId, ...place } = from;
    const rows = records.map(({ offset, key, headers, value }) => ({
      ...{ ...place, busId, id: randomUUID(), reason, offset, key, value },
      headers: Object.fromEntries(
        Object.entries(headers).flatMap(([name, bytes]) =>
          bytes ? [[name, bytes.toString('base64')]] : [],
        ),
      ),
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
