import { BULK_TOPIC, COMMANDS_TOPIC, INGESTION_GROUP } from '@parley/contracts';
import {
  type Bus,
  countUnapplied,
  openEmbeddedBus,
  openKafkaBus,
  TopicRegistry,
} from '@parley/messaging';
import { busUrl, type ServerAccess } from '@parley/tenancy';
import pg from 'pg';

/** Kafka where brokers are given, else the embedded bus; refuses Kafka while the embedded bus still holds records. */
export async function openBus(
  brokers: readonly string[] | undefined,
  access: ServerAccess,
): Promise<Bus> {
  const url = busUrl(access);
  if (!brokers) return openEmbeddedBus({ url });
  const topics = [COMMANDS_TOPIC, BULK_TOPIC];
  if ((await countUnapplied({ url, group: INGESTION_GROUP, topics })) > 0) {
    throw new Error('the embedded bus still holds records: start without KAFKA_BROKERS first');
  }
  const registry = new TopicRegistry(new pg.Pool({ connectionString: url, max: 2 }));
  await registry.ensureSchema();
  return openKafkaBus({ brokers, clientId: 'gateway', registry });
}
