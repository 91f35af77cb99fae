import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PARTNERS_GROUP } from '@parley/contracts';
import { type Installation } from '@parley/tenancy';
import { describeWithKafka, type KafkaBroker, startOwnKafkaBroker } from '@parley/testing';
import kafkajs, { type Admin, type Kafka, type Producer } from 'kafkajs';
import { type Services, startServices } from '../support/services.js';
import { aPartner, openBeside, type PartnerTenant, untilApplied } from './partner-tenant.js';
import { allPoisons, type Poison } from './poison.js';
import { type Delays, SteadyFlow } from './steady-flow.js';

const CALM = 1_500;
const GOOD = 5_000;
const CONVERSATIONS = 50;
const LATEST_MS = 1_000;
const MIB = 1024 * 1024;
const MAX_GROWTH = 300 * MIB;

describeWithKafka('poison among good records', () => {
  let broker: KafkaBroker;
  let services: Services;
  let installation: Installation;
  let kafka: Kafka;
  let admin: Admin;

  beforeAll(async () => {
    broker = (await startOwnKafkaBroker())!;
    services = await startServices({ brokers: broker.brokers });
    installation = await openBeside(services, broker.brokers);
    const { NOTHING } = kafkajs.logLevel;
    kafka = new kafkajs.Kafka({
      brokers: [broker.brokers],
      logLevel: NOTHING,
      retry: { retries: 1 },
    });
    admin = kafka.admin();
    await admin.connect();
  }, 90_000);
  afterAll(async () => {
    await admin.disconnect();
    await installation.close();
    await services.stop();
    await broker.stop();
  }, 60_000);

  /** Who consumes: another member means that the consumption was started anew. */
  async function members(): Promise<string[]> {
    const { groups } = await admin.describeGroups([PARTNERS_GROUP]);
    return groups.flatMap((group) => group.members.map(({ memberId }) => memberId));
  }

  /** The most memory that ingestion has had. */
  async function peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${services.ingestion.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  /** Sends one of each kind beside the good ones, as another program would; answers which the broker refused. */
  function poisoner(poisons: readonly Poison[], producer: Producer, topic: string) {
    const sending: Promise<string[]>[] = [];
    return {
      next: (sent: number) => {
        const poison = poisons[sending.length];
        if (!poison || sent < ((sending.length + 1) * GOOD) / (poisons.length + 1)) return;
        const refused = () => [poison.name];
        sending.push(poison.send(producer, topic).then(() => [], refused));
      },
      refused: async () => (await Promise.all(sending)).flat(),
    };
  }

  /** The consumption is started anew for a new topic, and from here on must not be. */
  async function takenUp({ topic, pool }: PartnerTenant, producer: Producer) {
    await producer.send({ topic, messages: [{ key: 'k', value: '{}' }] });
    await untilApplied({ topic, pool }, 1);
    await pool.query('DELETE FROM dead_letters');
    return { members: await members(), memory: await peakMemory() };
  }

  it('becomes dead letters, delays nobody, and neither ends nor bloats the consumer', async () => {
    const poisons = await allPoisons();
    const tenant = await aPartner(installation, services.adminUrl);
    const producers = [kafka.producer(), kafka.producer()] as const;
    await Promise.all(producers.map((producer) => producer.connect()));
    const before = await takenUp(tenant, producers[0]);
    const calm = new SteadyFlow('calm', producers[0], tenant);
    await calm.run(CALM, () => undefined);
    const flow = new SteadyFlow('poisoned', producers[0], tenant);
    const poisoning = poisoner(poisons, producers[1], tenant.topic);
    await flow.run(GOOD, (sent) => poisoning.next(sent));
    const refused = await poisoning.refused();
    await untilApplied(
      tenant,
      1 + 2 * CONVERSATIONS + CALM + GOOD + poisons.length - refused.length,
    );
    const { rows } = await tenant.pool.query<{ reason: string }>('SELECT reason FROM dead_letters');
    const reasons = rows.map(({ reason }) => reason).sort();
    const [usual, delays] = [calm.delays(), flow.delays()];
    const memory = await peakMemory();
    process.stderr.write(
      [
        `${GOOD} good records among ${poisons.length} poisons`,
        `dead letters: ${reasons.join(', ')}; refused by the broker: ${refused.join(', ')}`,
        `acknowledged to readable, without poison: ${asText(usual)}`,
        `acknowledged to readable, with it: ${asText(delays)} (limit of p99: ${LATEST_MS} ms)`,
        `memory: ${inMib(before.memory)} before, at most ${inMib(memory)}\n`,
      ].join('\n'),
    );
    expect(reasons).toEqual(poisons.flatMap(({ reason }) => reason ?? []).sort());
    expect(refused).toEqual(['unknown codec']);
    expect(await members()).toEqual(before.members);
    expect(memory - before.memory).toBeLessThan(MAX_GROWTH);
    // A machine too busy to keep the limit without poison can't tell what poison does to it.
    expect(delays.p99).toBeLessThan(Math.max(LATEST_MS, 3 * usual.p99));
    await Promise.all(producers.map((producer) => producer.disconnect()));
  }, 180_000);
});

function asText({ p50, p99, max }: Delays): string {
  return `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
}

function inMib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
