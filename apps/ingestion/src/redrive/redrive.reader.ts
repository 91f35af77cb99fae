import { type Problem, redriveIn } from '@parley/contracts';
import { findDeadLetters } from '@parley/event-store';
import { type DeliveredRecord } from '@parley/messaging';
import { type TenantDatabases } from '@parley/tenancy';
import { prepare, type PreparedRecord, tenantOf, unreadable } from '../commands/prepared-record.js';
import { type Prepare, type RecordReader } from '../commands/record-reader.js';
import { redrivenRecord } from './redriven-record.js';

/** How our commands' topic is read: besides commands it holds requests to try dead letters again. */
export class RedriveReader implements RecordReader {
  readonly lane = 'interactive';
  readonly tenantOf = tenantOf;

  /** `partnerReader` reads what is left of records of partners' topics. */
  constructor(
    private readonly databases: Pick<TenantDatabases, 'pool'>,
    private readonly partnerReader: () => Promise<RecordReader>,
  ) {}

  async prepareFor(tenant: string, records: readonly DeliveredRecord[]): Promise<Prepare> {
    const ids = records.flatMap((record) => redriveIn(record) ?? []);
    if (ids.length === 0) return prepare;
    const found = await findDeadLetters(await this.databases.pool(tenant, 'app'), ids);
    const letters = new Map(found.map((letter) => [letter.id, letter]));
    const asPartner = await (await this.partnerReader()).prepareFor(tenant, []);
    return (record) => {
      const id = redriveIn(record);
      if (id === null) return prepare(record);
      const letter = letters.get(id);
      return letter ? redrivenRecord(letter, record, asPartner) : { record, isDone: true };
    };
  }

  giveUp(record: DeliveredRecord, problem: Problem): PreparedRecord {
    const id = redriveIn(record);
    return { ...unreadable(record, problem), ...(id !== null && { letterId: id }) };
  }
}
