import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  decodeEvent,
  EVENTS_TOPIC,
  type IngestionCommand,
  isAfter,
  type LogPlace,
  type ReceivedEvent,
} from '@parley/contracts';
import { LogFollower, readFollower, readHead } from '@parley/event-store';
import { type Bus, type Chunk, type Consumption } from '@parley/messaging';
import { createLogger } from '@parley/platform';
import { describeWithKafka, eventually, testKafkaBrokers } from '@parley/testing';
import { createRelay } from '../src/relay/relay.js';
import { relayTenant } from '../src/relay/relay-tenant.js';
import { install, type TestInstallation, TenantUnderTest } from './support/tenant-under-test.js';

const NEVER = new AbortController().signal;

function conversation(conversation_id: string, content: string): IngestionCommand {
  const header = { timestamp: '2026-01-15T10:30:00Z', is_resolved: false };
  const message = {
    ...{ message_id: 'm1', role: 'customer', sender_id: 's1', content },
    timestamp: '2026-01-15T10:31:00Z',
  };
  const data = { conversation_id, agent_id: 'bot', mode: 'replace', header, messages: [message] };
  return { type: 'RecordConversation', data } as IngestionCommand;
}

function describeRelay(brokers: () => string | undefined): void {
  let installation: TestInstallation;
  let consumption: Consumption;
  const received: { readonly event: ReceivedEvent; readonly place: string }[] = [];

  beforeAll(async () => {
    installation = await install(brokers());
    consumption = await installation.bus.consume({
      group: `test events ${process.pid}`,
      topics: [EVENTS_TOPIC],
      handler: async ({ source, records }: Chunk) => {
        for (const record of records) {
          const event = decodeEvent(record);
          if (!event.ok) throw new Error('an event cannot be read');
          received.push({
            event: event.value,
            place: `${event.value.tenant}/${source.partition}`,
          });
        }
      },
    });
  }, 60_000);
  afterAll(async () => {
    await consumption.stop();
    await installation.close();
  }, 60_000);

  const of = ({ id }: TenantUnderTest) => received.filter(({ event }) => event.tenant === id);

  /** What a consumer acts on that drops what is not after its last place. */
  function acted(tenant: TenantUnderTest): readonly ReceivedEvent[] {
    const last = new Map<string, LogPlace>();
    return of(tenant).flatMap(({ event, place }) => {
      if (!isAfter(event, last.get(place) ?? null)) return [];
      last.set(place, event);
      return [event];
    });
  }

  const numbers = (events: readonly ReceivedEvent[]) =>
    events.map(({ position }) => position).sort((a, b) => a - b);
  const upTo = (head: number) => Array.from({ length: head }, (_, index) => index + 1);

  const relay = (tenant: TenantUnderTest, bus: Bus = installation.bus) =>
    relayTenant({ tenant: tenant.id, pool: tenant.pool, bus }, NEVER);

  it('every event arrives once, those of a conversation in their order, with what it says', async () => {
    const tenant = await TenantUnderTest.create(installation);
    for (let round = 0; round < 3; round += 1)
      for (const id of ['a', 'b', 'c']) await tenant.send(conversation(id, `round ${round}`));

    expect(await relay(tenant)).toBe(true);

    const head = await readHead(tenant.pool);
    await eventually(async () => expect(of(tenant)).toHaveLength(head));
    expect(numbers(acted(tenant))).toEqual(upTo(head));
    const [stream] = await tenant.query<{ stream_id: string }>(
      'SELECT stream_id FROM conversation_events LIMIT 1',
    );
    const own = acted(tenant).filter(({ stream_id }) => stream_id === stream?.stream_id);
    expect(own.map(({ stream_version }) => stream_version)).toEqual(upTo(own.length));
    expect(own.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['ConversationOpened', 'MessageRecorded', 'MessageRevised']),
    );
    expect(own.find(({ type }) => type === 'MessageRecorded')?.data).toMatchObject({
      message: { content: 'round 0' },
    });
  });

  it('what was published but not taken note of comes again, and only a naive consumer acts twice', async () => {
    const tenant = await TenantUnderTest.create(installation);
    await tenant.send(conversation('a', 'first'));
    const killedAfterPublishing = publishing(installation.bus, async (topic, records) => {
      await installation.bus.publish(topic, records);
      throw new Error('killed');
    });

    await expect(relay(tenant, killedAfterPublishing)).rejects.toThrow('killed');
    await tenant.send(conversation('b', 'second'));
    expect(await relay(tenant)).toBe(true);

    const head = await readHead(tenant.pool);
    await eventually(async () => expect(of(tenant).length).toBeGreaterThan(head));
    await eventually(async () => expect(numbers(acted(tenant))).toEqual(upTo(head)));
  });

  it('a relay that fell asleep is overtaken, notices it, and disturbs no consumer', async () => {
    const tenant = await TenantUnderTest.create(installation);
    for (const id of ['a', 'b', 'c']) await tenant.send(conversation(id, 'text'));
    const asleep = publishing(installation.bus, async (topic, records) => {
      await tenant.query(`UPDATE log_followers SET leased_until = '-infinity'`);
      expect(await relay(tenant)).toBe(true);
      await installation.bus.publish(topic, records);
    });

    expect(await relay(tenant, asleep)).toBe(false);

    const head = await readHead(tenant.pool);
    await eventually(async () => expect(of(tenant)).toHaveLength(2 * head));
    expect(numbers(acted(tenant))).toEqual(upTo(head));
    expect(await readFollower(tenant.pool, 'relay')).toBe(head);
  });

  it('while one process is at it another waits, and takes over when it is gone', async () => {
    const tenant = await TenantUnderTest.create(installation);
    await tenant.send(conversation('a', 'text'));
    const other = new LogFollower(tenant.pool, 'relay', 300);
    await other.take();

    expect(await relay(tenant)).toBe(false);
    await eventually(async () => expect(await relay(tenant)).toBe(true));

    expect(await readFollower(tenant.pool, 'relay')).toBe(await readHead(tenant.pool));
  });

  it('an erased payload is published as null', async () => {
    const tenant = await TenantUnderTest.create(installation);
    await tenant.send(conversation('a', 'canary'));
    await tenant.send({ type: 'DeleteConversation', data: { conversation_id: 'a' } });

    await relay(tenant);

    await eventually(async () => expect(of(tenant)).toHaveLength(3));
    const all = of(tenant).map(({ event }) => [event.type, event.data === null]);
    expect(all).toEqual([
      ['ConversationOpened', true],
      ['MessageRecorded', true],
      ['ConversationDeleted', false],
    ]);
  });

  it('a commit wakes the relay, a sweep finds what nobody woke it for, an outage only delays', async () => {
    const tenant = await TenantUnderTest.create(installation);
    let failures = 2;
    const bus = publishing(installation.bus, async (topic, records) => {
      if (failures-- > 0) throw new Error('away');
      await installation.bus.publish(topic, records);
    });
    const logger = createLogger({ service: 'test', level: 'fatal' });
    const tenants = { list: async () => [{ id: tenant.id, name: '', createdAt: new Date() }] };
    const service = createRelay({ bus, tenants, databases: installation.databases, logger });

    service.post(tenant.id, [await tenant.send(conversation('a', 'text'))]);
    await eventually(async () => expect(of(tenant)).toHaveLength(2));
    await tenant.send(conversation('b', 'text'));
    await service.sweep();
    await eventually(async () => expect(of(tenant)).toHaveLength(4));
    await service.stop();

    expect(numbers(acted(tenant))).toEqual(upTo(4));
  });
}

/** The bus with another way to publish. */
function publishing(bus: Bus, publish: Bus['publish']): Bus {
  return Object.create(bus, { publish: { value: publish } }) as Bus;
}

describe('the relay, embedded bus', () => {
  describeRelay(() => undefined);
});

describeWithKafka('the relay, Kafka', () => {
  describeRelay(() => testKafkaBrokers() ?? undefined);
});
