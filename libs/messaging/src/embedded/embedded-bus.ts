import pg, { type Pool } from 'pg';
import { backoffMs } from '@parley/platform';
import { answeredWithin } from '../bounded.js';
import {
  type Bus,
  type BusRecord,
  BusUnavailableError,
  type ConsumeOptions,
  type Consumption,
  type DeliveredRecord,
  type GroupMove,
  type PartitionEnd,
  type RecordRange,
  type TopicOptions,
} from '../bus.js';
import { PublishQueue } from '../publish-queue.js';
import { type TopicHost, TopicRegistry } from '../topic-registry.js';
import { EmbeddedConsumption } from './embedded-consumption.js';
import { type EmbeddedBusOptions } from './embedded-options.js';
import { moveGroup } from './move-group.js';
import { pagesOfRange, pauseAtEnd, readCommitted, readEnds } from './partition-range.js';
import { RecordWriter } from './record-writer.js';
import { keepRecordPartitions } from './retention.js';
import { migrate } from './schema.js';
import { TopicPlaces } from './topic-places.js';
import { WakeUps } from './wake-ups.js';

const ANSWER_WITHIN_MS = 5_000;
const RETENTION_EVERY_MS = 60 * 60 * 1000;
const LEASE_MS = 10_000;
const POLL_MS = 1_000;
const CONNECTIONS = 6;
// The tables are read by index alone, whatever the planner thinks of them while they are new or were just emptied.
const PLANNING = '-c enable_seqscan=off -c enable_bitmapscan=off -c jit=off';

/** Opens the bus in its database, making or updating its tables; rejects with `BusUnavailableError` when it is away. */
export async function openEmbeddedBus(options: EmbeddedBusOptions): Promise<Bus> {
  const config = {
    connectionString: options.url,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    keepAlive: true,
    options: PLANNING,
  };
  const pool = new pg.Pool({ ...config, max: CONNECTIONS });
  // A connection that breaks, idle or in use, is replaced at the next use; unheard, its error would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));
  try {
    await answeredWithin(2 * ANSWER_WITHIN_MS, pool.query('SELECT 1'));
    await migrate(pool);
    const registry = new TopicRegistry(pool);
    await registry.ensureSchema();
    await keepRecordPartitions(pool);
    const { rows } = await pool.query<{ id: string }>('SELECT bus_id AS id FROM bus_identity');
    const wakeUps = new WakeUps(config, options.backoff ?? backoffMs);
    wakeUps.start();
    return new EmbeddedBus(rows[0]!.id, options, { pool, registry, wakeUps });
  } catch (error) {
    await pool.end();
    throw error;
  }
}

interface EmbeddedBusParts {
  readonly pool: Pool;
  readonly registry: TopicRegistry;
  readonly wakeUps: WakeUps;
}

class EmbeddedBus implements Bus, TopicHost {
  private readonly places: TopicPlaces;
  private readonly queue: PublishQueue;
  private readonly consumptions = new Set<EmbeddedConsumption>();
  private readonly retention: NodeJS.Timeout;
  private closed?: Promise<void>;

  constructor(
    readonly id: string,
    private readonly options: EmbeddedBusOptions,
    private readonly parts: EmbeddedBusParts,
  ) {
    const { pool, wakeUps } = parts;
    this.places = new TopicPlaces(pool);
    const writer = new RecordWriter(pool, this.places, ANSWER_WITHIN_MS);
    this.queue = new PublishQueue({
      send: async (publications) => {
        wakeUps.announce(await writer.write(publications));
      },
      deadlineMs: ANSWER_WITHIN_MS,
    });
    const keep = () => void keepRecordPartitions(pool).catch(() => undefined);
    this.retention = setInterval(keep, RETENTION_EVERY_MS).unref();
  }

  async ensureTopic(options: TopicOptions): Promise<void> {
    await this.parts.registry.ensureTopic(this, options);
    this.places.forget();
  }

  async partitions(topic: string): Promise<number | null> {
    return (await this.places.find(topic))?.partitions ?? null;
  }

  create(options: TopicOptions): Promise<void> {
    return this.places.create(options);
  }

  async incarnation(topic: string): Promise<number> {
    return (await this.parts.registry.topic(this.id, topic)).incarnation;
  }

  async ends(topic: string): Promise<readonly PartitionEnd[]> {
    await this.refuseUnknown([topic]);
    return readEnds(this.parts.pool, topic);
  }

  async committed(group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    await this.refuseUnknown([topic]);
    return readCommitted(this.parts.pool, group, topic);
  }

  async moveGroup(move: GroupMove): Promise<void> {
    await this.refuseUnknown([move.topic]);
    await moveGroup(this.parts.pool, move);
  }

  async publish(topic: string, records: readonly BusRecord[]): Promise<void> {
    if (!this.closed) await answeredWithin(ANSWER_WITHIN_MS, this.places.get(topic));
    await this.queue.publish(topic, records);
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    if (this.closed) throw new BusUnavailableError('the bus is closed');
    await this.refuseUnknown(options.topics);
    const { pool, wakeUps } = this.parts;
    const { leaseMs = LEASE_MS, pollMs = POLL_MS, backoff, onLost } = this.options;
    const refuseUnknown = (topics: readonly string[]) => this.refuseUnknown(topics);
    const parts = {
      ...{ pool, wakeUps, leaseMs, pollMs, onLost, refuseUnknown },
      busId: this.id,
    };
    const consumption = new EmbeddedConsumption(parts, { options, backoff });
    this.consumptions.add(consumption);
    return consumption;
  }

  async readRange(
    range: RecordRange,
    handler: (records: readonly DeliveredRecord[]) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    const end = (await this.ends(range.topic)).find((one) => one.partition === range.partition);
    const place = await this.places.find(range.topic);
    if (!end || !place) return;
    const bounded = range.isFollowed ? range : { ...range, to: Math.min(range.to, end.highWater) };
    for await (const records of pagesOfRange(this.parts.pool, place.topicId, bounded)) {
      if (records.length > 0) await handler(records);
      else await pauseAtEnd(signal);
      signal?.throwIfAborted();
    }
  }

  silentForMs(): number {
    return Math.max(0, ...[...this.consumptions].map((one) => one.silentForMs));
  }

  async ping(): Promise<void> {
    await answeredWithin(ANSWER_WITHIN_MS, this.parts.pool.query('SELECT 1'));
  }

  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async refuseUnknown(topics: readonly string[]): Promise<void> {
    for (const topic of topics) await this.parts.registry.topic(this.id, topic);
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.retention);
    await Promise.all([...this.consumptions].map((consumption) => consumption.stop()));
    await this.queue.close();
    await this.parts.wakeUps.stop();
    await this.parts.pool.end();
  }
}
