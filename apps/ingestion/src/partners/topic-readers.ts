import { BULK_TOPIC, PARTNERS_GROUP } from '@parley/contracts';
import { type Source } from '@parley/messaging';
import { type RedactionPolicies } from '@parley/redaction';
import { type Partners, type TenantDatabases } from '@parley/tenancy';
import { commandReader, type RecordReader } from '../commands/record-reader.js';
import { RedriveReader } from '../redrive/redrive.reader.js';
import { PartnerReader } from './partner-reader.js';

type Policies = Pick<RedactionPolicies, 'redactorOf'>;

/** How partners' records are read, their tenants' names looked up anew. */
export function partnerReaders(partners: Partners, policies: Policies) {
  return async (): Promise<PartnerReader> => {
    const known = await partners.listTopics();
    const namesOf = (tenant: string) =>
      known.filter(({ tenantId }) => tenantId === tenant).map(({ tenantName }) => tenantName);
    return new PartnerReader(namesOf, policies);
  };
}

/** How the records of any topic that ingestion consumes are read. */
export function topicReaders(databases: TenantDatabases, partners: Partners, policies: Policies) {
  const partnerReader = partnerReaders(partners, policies);
  const redriveReader = new RedriveReader(databases, partnerReader);
  return async ({ group, topic }: Source): Promise<RecordReader> => {
    if (group === PARTNERS_GROUP) return partnerReader();
    return topic === BULK_TOPIC ? commandReader('bulk') : redriveReader;
  };
}
