import { BULK_TOPIC, PARTNERS_GROUP } from '@parley/contracts';
import { type Source } from '@parley/messaging';
import { type RedactionPolicies } from '@parley/redaction';
import { type Partners } from '@parley/tenancy';
import { commandReader, type RecordReader } from '../commands/record-reader.js';
import { PartnerReader } from './partner-reader.js';

/** How the records of any topic that ingestion consumes are read, looked up anew. */
export function topicReaders(partners: Partners, policies: Pick<RedactionPolicies, 'redactorOf'>) {
  return async ({ group, topic }: Source): Promise<RecordReader> => {
    if (group !== PARTNERS_GROUP)
      return commandReader(topic === BULK_TOPIC ? 'bulk' : 'interactive');
    const known = await partners.listTopics();
    const namesOf = (tenant: string) =>
      known.filter(({ tenantId }) => tenantId === tenant).map(({ tenantName }) => tenantName);
    return new PartnerReader(namesOf, policies);
  };
}
