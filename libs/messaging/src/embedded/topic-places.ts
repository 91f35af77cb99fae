import { type Pool } from 'pg';
import { type TopicOptions } from '../bus.js';
import { UnknownTopicError } from '../topic-registry.js';

/** Where the records of a topic are kept. */
export interface TopicPlace {
  readonly topicId: number;
  readonly partitions: number;
}

const FIND = `SELECT topic_id AS "topicId", count(*)::int AS partitions
  FROM bus_topic_ids JOIN bus_partitions USING (topic_id) WHERE topic = $1 GROUP BY topic_id`;
const CREATE = `WITH made AS (INSERT INTO bus_topic_ids (topic) VALUES ($1) RETURNING topic_id)
  INSERT INTO bus_partitions (topic_id, partition)
  SELECT topic_id, generate_series(0, $2::int - 1) FROM made`;

/** The topics of the embedded bus. */
export class TopicPlaces {
  private readonly known = new Map<string, TopicPlace>();

  constructor(private readonly pool: Pool) {}

  /** As it was when last looked up; throws `UnknownTopicError`. */
  async get(topic: string): Promise<TopicPlace> {
    const known = this.known.get(topic);
    if (known) return known;
    const place = await this.find(topic);
    if (!place) throw new UnknownTopicError(`Parley did not make the topic ${topic}`);
    this.known.set(topic, place);
    return place;
  }

  /** To be called when a place turns out to be another than it was. */
  forget(): void {
    this.known.clear();
  }

  async find(topic: string): Promise<TopicPlace | null> {
    const { rows } = await this.pool.query<TopicPlace>(FIND, [topic]);
    return rows[0] ?? null;
  }

  async create({ topic, partitions }: TopicOptions): Promise<void> {
    await this.pool.query(CREATE, [topic, partitions]);
  }
}
