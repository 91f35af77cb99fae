import {
  type Bus,
  countUnapplied,
  openEmbeddedBus,
  openKafkaBus,
  TopicRegistry,
} from '@parley/messaging';
import { type Logger } from '@parley/platform';
import pg from 'pg';
import { busUrl, type ServerAccess } from '../provisioning/role-url.js';
import { type KafkaAccessSettings, readKafkaAccess } from './kafka-access.js';
import { reportLoss } from './report-loss.js';

/** A Kafka heartbeat is due this many times within a session's time-out. */
const HEARTBEATS = 10;
const ANSWER_WITHIN_MS = 5_000;

/**
 * Which bus; `consumed` is what must have been applied before the embedded bus may be left for Kafka, `parked` how many
 * records there were passed over.
 */
export interface BusChoice {
  readonly brokers: readonly string[] | undefined;
  readonly sessionTimeoutMs: number;
  readonly kafka: KafkaAccessSettings;
  readonly clientId: string;
  readonly logger: Logger;
  readonly parked: number;
  readonly consumed: readonly { readonly group: string; readonly topics: readonly string[] }[];
}

/** Kafka where brokers are named, else the embedded bus; its own database also registers the topics of Kafka. */
export async function connectBus(access: ServerAccess, choice: BusChoice): Promise<Bus> {
  const url = busUrl(access);
  const onLost = reportLoss(choice.logger);
  if (!choice.brokers) return openEmbeddedBus({ url, onLost });
  let held = choice.parked;
  for (const consumed of choice.consumed) held += await countUnapplied({ url, ...consumed });
  if (held > 0) {
    throw new Error(
      `the embedded bus still holds ${held} records that were not applied: start once without KAFKA_BROKERS`,
    );
  }
  return connectKafka(url, choice.brokers, choice);
}

async function connectKafka(
  url: string,
  brokers: readonly string[],
  { clientId, logger, sessionTimeoutMs, kafka }: BusChoice,
): Promise<Bus> {
  const access = await readKafkaAccess(kafka);
  const pool = new pg.Pool({
    ...{ connectionString: url, max: 1, idleTimeoutMillis: 1_000, allowExitOnIdle: true },
    ...{ connectionTimeoutMillis: ANSWER_WITHIN_MS, query_timeout: ANSWER_WITHIN_MS },
    keepAlive: true,
  });
  // An idle connection that breaks is replaced at the next use.
  pool.on('error', () => undefined);
  const registry = new TopicRegistry(pool);
  await registry.ensureSchema();
  return openKafkaBus({
    brokers,
    clientId,
    registry,
    ...access,
    onLost: reportLoss(logger),
    timing: { sessionTimeoutMs, heartbeatMs: sessionTimeoutMs / HEARTBEATS },
    log: ({ level, message }) => logger[level](message),
  });
}
