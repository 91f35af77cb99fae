import { randomUUID } from 'node:crypto';
import { partnerTopic, PARTNERS_GROUP } from '@parley/contracts';
import { createLogger } from '@parley/platform';
import {
  Credentials,
  ensurePartnerTopic,
  type Installation,
  installationSettings,
  openInstallation,
  Partners,
  Tenants,
} from '@parley/tenancy';
import { eventually } from '@parley/testing';
import type pg from 'pg';
import { type Services } from '../support/services.js';

/** A tenant with a partner's topic, and the ways to look at what became of its records. */
export interface PartnerTenant {
  readonly id: string;
  readonly key: string;
  readonly topic: string;
  readonly pool: pg.Pool;
}

/** What became of records, by disposition; `dead-lettered` are those that are nowhere else. */
export type Outcomes = Readonly<Record<string, number>>;

/** The installation that the services run on, seen from beside them. */
export async function openBeside(services: Services, brokers: string): Promise<Installation> {
  const settings = installationSettings.parse({
    DATABASE_URL: services.adminUrl,
    PARLEY_HOME: services.home,
    KAFKA_BROKERS: brokers,
    ALLOW_DATA_LOSS: 'true',
  });
  return openInstallation(settings, {
    name: 'test',
    logger: createLogger({ service: 'test', level: 'fatal' }),
  });
}

/** Registers the partner of a new tenant while the services run. */
export async function aPartner(
  { control, bus, databases }: Installation,
  adminUrl: string,
): Promise<PartnerTenant> {
  const { id } = await new Tenants(control).create(`partner ${randomUUID()}`, adminUrl);
  const { key } = await new Credentials(control).create({ tenant: id, kind: 'api-key' });
  const topic = partnerTopic(id);
  await ensurePartnerTopic(bus, topic);
  await new Partners(control).create(id, null);
  return { id, key, topic, pool: await databases.pool(id, 'app') };
}

/** Resolves when as many records of the topic as that are dealt with. */
export async function untilApplied(
  { pool, topic }: Pick<PartnerTenant, 'pool' | 'topic'>,
  count: number,
): Promise<void> {
  const sql = `SELECT coalesce(sum(next), 0)::int AS next FROM applied_offsets WHERE consumer_group = $1 AND topic = $2`;
  await eventually(
    async () => {
      const { rows } = await pool.query<{ next: number }>(sql, [PARTNERS_GROUP, topic]);
      if (rows[0]!.next !== count) throw new Error(`${rows[0]!.next} of ${count} are applied`);
    },
    { timeoutMs: 120_000 },
  );
}

/** A refused command has a receipt and a dead letter; it counts once. */
export async function outcomesOf({ pool, topic }: PartnerTenant): Promise<Outcomes> {
  const { rows } = await pool.query<{ name: string; count: number }>(
    `SELECT disposition AS name, count(*)::int AS count FROM receipts WHERE disposition <> 'rejected' GROUP BY 1
     UNION ALL SELECT 'dead-lettered', count(*)::int FROM dead_letters WHERE topic = $1`,
    [topic],
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}
