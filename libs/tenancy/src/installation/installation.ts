import { setTimeout as delay } from 'node:timers/promises';
import {
  BULK_TOPIC,
  COMMANDS_TOPIC,
  EVENTS_TOPIC,
  INGESTION_GROUP,
  PARTNERS_GROUP,
  TOPIC_PARTITIONS,
} from '@parley/contracts';
import { type Bus } from '@parley/messaging';
import { type Logger, readSecret } from '@parley/platform';
import { ControlDatabase } from '../control/control-database.js';
import { TenantDatabases } from '../databases/tenant-databases.js';
import { countParkedOnEmbedded } from '../parking/parked-records.js';
import { Partners } from '../partners/partners.js';
import { connectBus } from './connect-bus.js';
import { PRIMARY_SERVER } from '../provisioning/role-url.js';
import { ForgetfulServerError, refuseForgetfulServer } from './forgetful-server.js';
import { type InstallationSettings } from './installation-settings.js';

const ANSWER_WITHIN_MS = 5_000;
const TOPICS = [COMMANDS_TOPIC, BULK_TOPIC];

/** What a service stands on. */
export interface Installation {
  readonly secret: Buffer;
  readonly control: ControlDatabase;
  readonly databases: TenantDatabases;
  readonly bus: Bus;
  /** Closes all of it, the bus first. */
  close(): Promise<void>;
}

/** Who opens it: its name is told to Kafka, its logger what Kafka's client has to say. */
export interface ServiceIdentity {
  readonly name: string;
  readonly logger: Logger;
}

/** What says which bus an installation has, and how it is reached. */
export type BusSettings = Omit<
  InstallationSettings,
  'DATABASE_URL' | 'PARLEY_SERVERS' | 'LOG_LEVEL'
>;

/**
 * The bus of an installation: Kafka where brokers are named, else the embedded one. Throws where Kafka is named while
 * the embedded bus still holds records that were not applied.
 */
export async function openBus(
  control: ControlDatabase,
  settings: BusSettings,
  { name, logger }: ServiceIdentity,
): Promise<Bus> {
  const partners = await new Partners(control).listTopics();
  return connectBus(control.access, {
    brokers: settings.KAFKA_BROKERS,
    sessionTimeoutMs: settings.KAFKA_SESSION_TIMEOUT_MS,
    kafka: settings,
    clientId: `parley-${name}`,
    logger,
    parked: await countParkedOnEmbedded(control),
    consumed: [
      { group: INGESTION_GROUP, topics: TOPICS },
      { group: PARTNERS_GROUP, topics: partners.map(({ topic }) => topic) },
    ],
  });
}

/**
 * Opens what a service stands on: secret, control database, tenants' databases and bus. The server must have been
 * provisioned. Throws where Kafka is named while the embedded bus still holds records that were not applied, and where
 * a server may lose what was committed.
 */
export async function openInstallation(
  settings: Omit<InstallationSettings, 'LOG_LEVEL'>,
  service: ServiceIdentity,
): Promise<Installation> {
  const { DATABASE_URL, PARLEY_HOME: home, PARLEY_SECRET_FILE: file } = settings;
  const secret = await readSecret({ home, file });
  const control = await ControlDatabase.open({
    serverUrl: DATABASE_URL,
    servers: settings.PARLEY_SERVERS,
    secret,
  });
  const refusesForgetful = !settings.ALLOW_DATA_LOSS;
  const databases = new TenantDatabases(control, { refusesForgetful });
  try {
    if (refusesForgetful) await refuseForgetfulServers(control, databases);
    const bus = await openBus(control, settings, service);
    for (const topic of [...TOPICS, EVENTS_TOPIC])
      await bus.ensureTopic({ topic, partitions: TOPIC_PARTITIONS });
    const close = async () => {
      await bus.close();
      await databases.close();
      await control.close();
    };
    return { secret, control, databases, bus, close };
  } catch (error) {
    await databases.close();
    await control.close();
    throw error;
  }
}

const ONE_OF_EACH = `SELECT DISTINCT ON (server) tenant_id AS id FROM placements WHERE server <> '${PRIMARY_SERVER}' ORDER BY server, tenant_id`;

/** One that does not answer is asked when it is first reached. */
async function refuseForgetfulServers(
  control: ControlDatabase,
  databases: TenantDatabases,
): Promise<void> {
  await refuseForgetfulServer((sql) => control.rows.query(sql));
  const tenants = await control.rows.query<{ id: string }[]>(ONE_OF_EACH);
  const reaching = tenants.map(async ({ id }) => {
    try {
      await (await databases.pool(id, 'app')).query('SELECT 1');
    } catch (error) {
      if (error instanceof ForgetfulServerError) throw error;
    }
  });
  const late = delay(ANSWER_WITHIN_MS, undefined, { ref: false });
  await Promise.race([Promise.all(reaching), late]);
}
