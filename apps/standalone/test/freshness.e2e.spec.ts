import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS_TOPIC, encodeCommand, partnerTopic } from '@parley/contracts';
import {
  ensurePartnerTopic,
  Freshness,
  Partners,
  type TenantFreshness,
  Tenants,
} from '@parley/tenancy';
import { describeWithKafka, eventually, testKafkaBrokers } from '@parley/testing';
import { InProcess } from './support/in-process.js';

const BY_HTTP = 40;
const BY_PARTNER = 30;
const BY_OTHERS = 25;

const header = { timestamp: '2026-01-15T10:30:00Z', is_resolved: false };

/** What the numbers of one door are. */
function door(freshness: unknown, name: string) {
  return (freshness as TenantFreshness).doors.find((one) => one.door === name)!;
}

function describeFreshness(brokers: () => string | undefined): void {
  let parley: InProcess;
  let other: string;

  beforeAll(async () => {
    parley = await InProcess.start({ brokers: brokers() });
    const { bus, control } = parley.installation;
    other = (await new Tenants(control).create('other', parley.adminUrl)).id;
    await ensurePartnerTopic(bus, partnerTopic(parley.tenant));
    await new Partners(control).create(parley.tenant, null);
  }, 60_000);
  afterAll(() => parley.stop(), 60_000);

  const own = async () => (await parley.get('freshness')).body;
  const ofOther = () => {
    const { bus, control, databases } = parley.installation;
    const pool = (tenant: string) => databases.pool(tenant, 'reader');
    return new Freshness({ bus, control, pool }).of(other);
  };

  async function publishForOther(conversation_id: string): Promise<void> {
    const data = { conversation_id, agent_id: 'bot', mode: 'merge', header, messages: [] } as const;
    const record = encodeCommand({
      ...{ command_id: randomUUID(), attempt_id: randomUUID(), tenant: other, door: 'http' },
      ...{ warnings: [], source: {}, command: { type: 'RecordConversation', data } },
    });
    await parley.installation.bus.publish(COMMANDS_TOPIC, [record]);
  }

  async function publishByPartner(n: number): Promise<void> {
    const conversation_id = `p${n}`;
    const record = { conversation_id, agent_id: 'bot', ...header, messages: [] };
    const value = Buffer.from(JSON.stringify(record));
    const topic = partnerTopic(parley.tenant);
    await parley.installation.bus.publish(topic, [{ key: conversation_id, headers: {}, value }]);
  }

  /** Each door's records among those of the others. */
  async function publishAll(): Promise<void> {
    for (let n = 0; n < BY_HTTP; n += 1) {
      const sent = { conversation_id: `c${n}`, agent: 'bot', ...header };
      expect((await parley.postAsync('conversations', sent)).status).toBe(202);
      if (n < BY_OTHERS) await publishForOther(`c${n}`);
      if (n < BY_PARTNER) await publishByPartner(n);
    }
  }

  const counts = (freshness: unknown) =>
    (freshness as TenantFreshness).doors
      .filter(({ lag }) => lag.records > 0 || lag.at_least)
      .map(({ door: name, lag }) => [name, lag.records, lag.at_least]);

  it('is in lag of exactly what was published while nothing was applied, by door, then of nothing', async () => {
    await parley.post('conversations', { conversation_id: 'before', agent: 'bot', ...header });
    await eventually(async () => expect(counts(await own())).toEqual([]));
    await parley.stopIngestion();
    const since = Date.now();
    await publishAll();

    await eventually(async () => {
      const late = await own();
      expect(counts(late)).toEqual([
        ['http', BY_HTTP, false],
        ['kafka', BY_PARTNER, false],
      ]);
      expect(late).toMatchObject({ database: 'up', log: { head: 1 }, parked: { partitions: 0 } });
      expect(door(late, 'http').lag.seconds).toBeGreaterThan(0);
      expect(door(late, 'http').lag.seconds).toBeLessThan((Date.now() - since) / 1000 + 1);
    });
    expect(counts(await ofOther())).toEqual([['http', BY_OTHERS, false]]);

    await parley.startIngestion();
    await eventually(
      async () => {
        const fresh = await own();
        expect(counts(fresh)).toEqual([]);
        expect(fresh).toMatchObject({ log: { head: 1 + BY_HTTP + BY_PARTNER, unpublished: 0 } });
        expect(door(fresh, 'http').lag.seconds).toBe(0);
        expect(counts(await ofOther())).toEqual([]);
      },
      { timeoutMs: 30_000 },
    );
  }, 90_000);

  it('shows the offsets of the own topic, and none of those that accounts share', async () => {
    const fresh = await own();
    const { topic, partitions } = fresh['partner_topic'] as {
      readonly topic: string;
      readonly partitions: readonly { readonly applied: number | null; readonly end: number }[];
    };
    expect(topic).toBe(partnerTopic(parley.tenant));
    expect(partitions).toHaveLength(6);
    for (const { applied, end } of partitions) expect(applied ?? 0).toBe(end);
    expect(JSON.stringify(fresh)).not.toContain('ingestion.');
  });

  it('names what waits for its conversation and what could not be applied, also to Prometheus', async () => {
    const alone = { message_id: 'm1', role: 'customer', sender_id: 's', content: 'Hello' };
    const records = [
      { conversation_id: 'not there', agent_id: 'bot', ...alone, timestamp: header.timestamp },
      { conversation_id: 'bad', agent_id: 'bot', ...header, timestamp: 'yesterday' },
    ];
    const topic = partnerTopic(parley.tenant);
    for (const record of records) {
      const value = Buffer.from(JSON.stringify(record));
      await parley.installation.bus.publish(topic, [{ key: 'k', headers: {}, value }]);
    }
    await eventually(async () => {
      expect(door(await own(), 'kafka')).toMatchObject({
        lag: { records: 0 },
        waiting: { records: 1, oldest_at: expect.any(String) },
        dead_letters: { records: 1, by_reason: { bad_timestamp: 1 } },
      });
    });
    await eventually(
      async () => {
        const metrics = await parley.metrics();
        const of = `{tenant="${parley.tenant}",door="kafka"}`;
        expect(metrics).toContain(`parley_waiting_records${of} 1\n`);
        expect(metrics).toContain(`parley_dead_letters${of} 1\n`);
        expect(metrics).toContain(`parley_lag_records${of} 0\n`);
        expect(metrics).toContain(`parley_lag_seconds${of} 0\n`);
        expect(metrics).toContain(`parley_tenant_database_up{tenant="${other}"} 1\n`);
      },
      { timeoutMs: 15_000 },
    );
  }, 60_000);
}

describe('freshness, embedded bus', () => {
  describeFreshness(() => undefined);
});

describeWithKafka('freshness, Kafka', () => {
  describeFreshness(() => testKafkaBrokers() ?? undefined);
});
