import { type Problem, redriveIn } from '@parley/contracts';
import { findDeadLetters, listDeadLetters } from '@parley/event-store';
import { type DeliveredRecord } from '@parley/messaging';
import { type TenantDatabases } from '@parley/tenancy';
import { prepare, type PreparedRecord, tenantOf, unreadable } from '../commands/prepared-record.js';
import { MERGED_BYTES, type Reading, type RecordReader } from '../commands/record-reader.js';
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

  /** A request is small, and its letter may be as large as any record: so many are read as one transaction is to hold. */
  async prepareFor(tenant: string, records: readonly DeliveredRecord[]): Promise<Reading> {
    const ids = idsIn(records);
    if (ids.length === 0) return { prepare, count: records.length };
    const pool = await this.databases.pool(tenant, 'app');
    const known = await listDeadLetters(pool, { ids, limit: ids.length });
    const bytesOf = new Map(known.map(({ id, bytes }) => [id, bytes ?? 0]));
    const count = countWithin(MERGED_BYTES, records, bytesOf);
    const found = await findDeadLetters(pool, idsIn(records.slice(0, count)));
    const letters = new Map(found.map((letter) => [letter.id, letter]));
    const { prepare: asPartner } = await (await this.partnerReader()).prepareFor(tenant, []);
    const prepareEither = (record: DeliveredRecord): PreparedRecord => {
      const id = redriveIn(record);
      if (id === null) return prepare(record);
      const letter = letters.get(id);
      return letter ? redrivenRecord(letter, record, asPartner) : { record, isDone: true };
    };
    return { prepare: prepareEither, count };
  }

  giveUp(record: DeliveredRecord, problem: Problem): PreparedRecord {
    const id = redriveIn(record);
    return { ...unreadable(record, problem), ...(id !== null && { letterId: id }) };
  }
}

function idsIn(records: readonly DeliveredRecord[]): string[] {
  return records.flatMap((record) => redriveIn(record) ?? []);
}

/** How many of the records ask for letters of no more than so many bytes, but at least one. */
function countWithin(
  maxBytes: number,
  records: readonly DeliveredRecord[],
  bytesOf: ReadonlyMap<string, number>,
): number {
  let bytes = 0;
  const end = records.findIndex((record, index) => {
    bytes += bytesOf.get(redriveIn(record) ?? '') ?? 0;
    return index > 0 && bytes > maxBytes;
  });
  return end === -1 ? records.length : end;
}
