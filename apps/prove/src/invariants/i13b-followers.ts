import { randomUUID } from 'node:crypto';
import { EVENTS_TOPIC } from '@parley/contracts';
import { type DeliveredRecord } from '@parley/messaging';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { ApiClient } from '../load/client.js';
import { Killer } from '../nemesis/killer.js';
import { type Stage } from '../stage.js';
import { type ProvenTenant } from '../world/world.js';

const PAGE = 500;

/** Positions by partition, as a consumer of the topic got them. */
type Relayed = Map<number, number[]>;

/** Whoever follows, by pulling or on the bus, gets every event in order, though relays die at any moment. */
export const i13b: Invariant = {
  id: 'I13b',
  promise: 'followers of the events, over HTTP and on the bus, miss none and see them in order',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const services = await stage.services({ gateways: 1, ingestions: 2 });
    const relayed = await follow(stage, tenant);
    const killer = new Killer(stage.world, services, tenant);
    const load = await stage.load(services, tenant);
    await stage.legs(1, (random) => killer.killIngestion(random));
    await load.stop();
    const pulled = await pull(services.urls[0]!, tenant);
    const { rows } = await tenant.pool.query<{ head: number }>(
      'SELECT max(position)::float8 AS head FROM conversation_events',
    );
    const head = rows[0]?.head ?? 0;
    const all = () => [...relayed.values()].flat();
    await stage.until('all events on the bus', () => new Set(all()).size >= head, 60_000);
    const figures = {
      events: head,
      pull_missed: head - new Set(pulled).size,
      pull_dup: pulled.length - new Set(pulled).size,
      relay_missed: head - new Set(all()).size,
      relay_ooo: [...relayed.values()].reduce((sum, one) => sum + countSkipped(one), 0),
      relay_repeated: all().length - new Set(all()).size,
      kill9_ingestion: killer.kills.ingestion,
    };
    const zero = allZero(figures, 'pull_missed', 'pull_dup', 'relay_missed', 'relay_ooo');
    return { figures, broken: [...zero, ...atLeast(figures, { events: 100 })] };
  },
};

/** Collects the tenant's events from the bus, those to come too. */
async function follow(stage: Stage, { id }: ProvenTenant): Promise<Relayed> {
  const relayed: Relayed = new Map();
  const take = (partition: number, { headers }: DeliveredRecord) => {
    if (headers['ce_tenant']?.toString() !== id) return;
    const positions = relayed.get(partition) ?? [];
    relayed.set(partition, [...positions, Number(headers['ce_position']?.toString())]);
  };
  const consumption = await stage.world.installation.bus.consume({
    group: `prove-${randomUUID()}`,
    topics: [EVENTS_TOPIC],
    handler: async ({ source, records }) => {
      for (const record of records) take(source.partition, record);
    },
  });
  stage.closeLater(() => consumption.stop());
  return relayed;
}

/** All positions that a client gets which goes on from the last answer. */
async function pull(url: string, tenant: ProvenTenant): Promise<number[]> {
  const client = new ApiClient(tenant.key);
  const positions: number[] = [];
  for (;;) {
    const path = `events?after=${positions.at(-1) ?? 0}&limit=${PAGE}`;
    const { status, text } = await client.get(url, path);
    if (status !== 200) throw new Error(`the events were answered with ${status}`);
    const { events } = JSON.parse(text) as { events: { position: number }[] };
    if (events.length === 0) return positions;
    positions.push(...events.map(({ position }) => position));
  }
}

/** Of what is above the highest seen before nothing may be older than that: only repetitions are. */
function countSkipped(positions: readonly number[]): number {
  const seen = new Set<number>();
  let highest = 0;
  let late = 0;
  for (const position of positions) {
    if (position < highest && !seen.has(position)) late += 1;
    seen.add(position);
    highest = Math.max(highest, position);
  }
  return late;
}
