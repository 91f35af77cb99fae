import { type Problem, tenantOfPartnerTopic } from '@parley/contracts';
import { type DeliveredRecord, type Source } from '@parley/messaging';
import { type RedactionPolicies } from '@parley/redaction';
import { type PreparedRecord } from '../commands/prepared-record.js';
import { type Reading, type RecordReader } from '../commands/record-reader.js';
import { bareRecord, preparePartnerRecord } from './partner-record.js';

/** How partners' topics are read: the topic says whose a record is, and whoever waits in a chat goes first. */
export class PartnerReader implements RecordReader {
  readonly lane = 'bulk';

  /** `namesOf` answers how a record may name a tenant besides by its id. */
  constructor(
    private readonly namesOf: (tenant: string) => readonly string[],
    private readonly policies: Pick<RedactionPolicies, 'redactorOf'>,
  ) {}

  tenantOf(_record: DeliveredRecord, { topic }: Source): string | null {
    return tenantOfPartnerTopic(topic);
  }

  async prepareFor(
    tenant: string,
    { length: count }: readonly DeliveredRecord[],
  ): Promise<Reading> {
    const redactor = await this.policies.redactorOf(tenant);
    const owner = { tenant, names: [tenant, ...this.namesOf(tenant)], redactor };
    return { count, prepare: (record, source) => preparePartnerRecord(record, source, owner) };
  }

  giveUp(record: DeliveredRecord, problem: Problem): PreparedRecord {
    return bareRecord(record, problem);
  }
}
