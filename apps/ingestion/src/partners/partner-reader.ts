import { type Problem, tenantOfPartnerTopic } from '@parley/contracts';
import { type DeliveredRecord, type Source } from '@parley/messaging';
import { NOBODY, type PreparedRecord } from '../commands/prepared-record.js';
import { type Prepare, type RecordReader } from '../commands/record-reader.js';
import { preparePartnerRecord } from './partner-record.js';

/** How partners' topics are read: the topic says whose a record is, and whoever waits in a chat goes first. */
export class PartnerReader implements RecordReader {
  readonly lane = 'bulk';

  /** `namesOf` answers how a record may name a tenant besides by its id. */
  constructor(private readonly namesOf: (tenant: string) => readonly string[]) {}

  tenantOf(_record: DeliveredRecord, { topic }: Source): string | null {
    return tenantOfPartnerTopic(topic);
  }

  prepareFor(tenant: string): Promise<Prepare> {
    const owner = { tenant, names: [tenant, ...this.namesOf(tenant)] };
    return Promise.resolve((record, source) => preparePartnerRecord(record, source, owner));
  }

  /** Without its bytes: a part that nobody knows may not be redacted. They are in the partner's topic still. */
  giveUp(record: DeliveredRecord, problem: Problem): PreparedRecord {
    const bare = { ...record, key: null, headers: {}, value: null };
    return { record: bare, problem, door: 'kafka', identity: NOBODY };
  }
}
