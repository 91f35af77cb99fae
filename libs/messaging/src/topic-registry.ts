import { type Pool } from 'pg';
import { type TopicOptions } from './bus.js';

const CREATION_LOCK = 'parley topic creation';
// Others may be at it, one after the other, each for as long as its bus takes.
const LOCK = {
  ...{ text: 'SELECT pg_advisory_lock(hashtext($1))', values: [CREATION_LOCK] },
  query_timeout: 60_000,
};

/** Parley did not make this topic. */
export class UnknownTopicError extends Error {
  override readonly name = 'UnknownTopicError';
  readonly code = 'bus/unknown-topic';
}

/** A partition ends before what was read of it: the topic was re-created outside of Parley, under the same incarnation. */
export class TopicRecreatedError extends Error {
  override readonly name = 'TopicRecreatedError';
  readonly code = 'bus/topic-recreated';
}

/** A topic that Parley made. */
export interface RegisteredTopic {
  readonly partitions: number;
  readonly incarnation: number;
}

/** What the registry asks of the bus on which a topic is to be. */
export interface TopicHost {
  readonly id: string;
  /** Partitions of the topic as the bus has it; null where it is missing. */
  partitions(topic: string): Promise<number | null>;
  create(options: TopicOptions): Promise<void>;
}

/**
 * The topics that Parley made, by bus, in the table `bus_topics` of a PostgreSQL database.
 * Each creation has an incarnation of its own, so that offsets of an earlier topic of the same name are never reused.
 */
export class TopicRegistry {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly pool: Pool) {}

  async ensureSchema(): Promise<void> {
    await this.locked(async (query) => {
      await query(`CREATE TABLE IF NOT EXISTS bus_topics (
        bus_id text NOT NULL,
        topic text NOT NULL,
        partitions int NOT NULL,
        incarnation int NOT NULL,
        PRIMARY KEY (bus_id, topic)
      )`);
    });
  }

  /** As registered now; throws `UnknownTopicError`. */
  async topic(busId: string, topic: string): Promise<RegisteredTopic> {
    const { rows } = await this.pool.query<RegisteredTopic>(
      'SELECT partitions, incarnation FROM bus_topics WHERE bus_id = $1 AND topic = $2',
      [busId, topic],
    );
    if (!rows[0]) throw new UnknownTopicError(`Parley did not make the topic ${topic}`);
    return rows[0];
  }

  /** Makes the topic where the bus lacks it; one process of an installation at a time. */
  async ensureTopic(host: TopicHost, options: TopicOptions): Promise<void> {
    await this.locked(async (query) => {
      const partitions = await host.partitions(options.topic);
      if (partitions !== null)
        return void (await query(ADOPT, [host.id, options.topic, partitions]));
      // Raised first: a crash in between skips a number, whereas the other order would reuse one.
      await query(RAISE, [host.id, options.topic, options.partitions]);
      await host.create(options);
    });
  }

  /** Who waits for the lock has a connection, and who has it may need another one: so one of us at a time. */
  private locked(work: (query: Query) => Promise<void>): Promise<void> {
    const done = this.turn.then(() => this.withLock(work));
    this.turn = done.catch(() => undefined);
    return done;
  }

  private async withLock(work: (query: Query) => Promise<void>): Promise<void> {
    const client = await this.pool.connect();
    // What breaks the connection fails the query, too; unheard, the event would end the process.
    const heard = () => undefined;
    client.on('error', heard);
    try {
      await client.query(LOCK);
      await work((sql, values) => client.query(sql, values));
      await client.query('SELECT pg_advisory_unlock(hashtext($1))', [CREATION_LOCK]);
      client.off('error', heard).release();
    } catch (error) {
      // Closing the connection is what surely gives the lock back.
      client.release(true);
      throw error;
    }
  }
}

type Query = (sql: string, values?: unknown[]) => Promise<unknown>;

const RAISE = `INSERT INTO bus_topics AS known (bus_id, topic, partitions, incarnation) VALUES ($1, $2, $3, 1)
  ON CONFLICT (bus_id, topic)
  DO UPDATE SET partitions = excluded.partitions, incarnation = known.incarnation + 1`;

/**
 * A topic that is there without being registered was made before this registry, which may have been lost: it gets the
 * time as a number that no count of an earlier registry has reached, so that its records are read anew, not skipped.
 */
const ADOPT = `INSERT INTO bus_topics (bus_id, topic, partitions, incarnation)
  VALUES ($1, $2, $3, extract(epoch FROM clock_timestamp())::int) ON CONFLICT DO NOTHING`;
