import { BULK_TOPIC, PARTNERS_GROUP } from '@parley/contracts';
import { type Source } from '@parley/messaging';
import { RedactionPolicies } from '@parley/redaction';
import { type ControlDatabase, Partners, type TenantDatabases } from '@parley/tenancy';
import { commandReader, type RecordReader } from '../commands/record-reader.js';
import { RedriveReader } from '../redrive/redrive.reader.js';
import { PartnerReader } from './partner-reader.js';

/** What the readers stand on. */
export interface TopicReadersParts {
  readonly control: ControlDatabase;
  readonly databases: TenantDatabases;
}

/** How the records of all topics that ingestion consumes are read. */
export class TopicReaders {
  readonly policies: RedactionPolicies;
  readonly redrive: RedriveReader;
  private readonly partners: Partners;

  constructor({ control, databases }: TopicReadersParts) {
    this.policies = new RedactionPolicies((tenant) => databases.pool(tenant, 'app'));
    this.redrive = new RedriveReader(databases, () => this.partner());
    this.partners = new Partners(control);
  }

  async of({ group, topic }: Source): Promise<RecordReader> {
    if (group === PARTNERS_GROUP) return this.partner();
    return topic === BULK_TOPIC ? commandReader('bulk') : this.redrive;
  }

  /** The names of tenants are looked up anew. */
  private async partner(): Promise<PartnerReader> {
    const known = await this.partners.listTopics();
    const namesOf = (tenant: string) =>
      known.filter(({ tenantId }) => tenantId === tenant).map(({ tenantName }) => tenantName);
    return new PartnerReader(namesOf, this.policies);
  }
}
