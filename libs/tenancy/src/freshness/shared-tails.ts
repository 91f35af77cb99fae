import { BULK_TOPIC, COMMANDS_TOPIC, type Door, INGESTION_GROUP } from '@parley/contracts';
import { type Bus, type Source } from '@parley/messaging';
import { LRUCache } from 'lru-cache';
import { incarnationOf, readTail, type Tail } from './tail.js';

/** The part of a partition that its group has not committed: all that is below `from` was applied, or passed over. */
export interface SharedTail extends Tail {
  readonly source: Source;
  readonly from: number;
  readonly end: number;
}

/** A topic that tenants share, and the doors whose records it holds. */
export const SHARED_TOPICS: readonly { readonly topic: string; readonly doors: readonly Door[] }[] =
  [
    { topic: COMMANDS_TOPIC, doors: ['http', 'chat'] },
    { topic: BULK_TOPIC, doors: ['s3', 'upload'] },
  ];

/** Of one partition. */
export const SHARED_LIMITS = { records: 10_000 };

const KNOWN_FOR_MS = 1_000;

/** What is not applied yet of the topics that tenants share; one look serves all tenants for a second. */
export class SharedTails {
  private readonly known = new LRUCache<string, readonly SharedTail[]>({
    max: SHARED_TOPICS.length,
    ttl: KNOWN_FOR_MS,
    fetchMethod: (topic) => this.look(topic),
    ignoreFetchAbort: true,
  });

  constructor(private readonly bus: Bus) {}

  of(topic: string): Promise<readonly SharedTail[]> {
    return this.known.forceFetch(topic);
  }

  private async look(topic: string): Promise<readonly SharedTail[]> {
    const { bus } = this;
    const incarnation = await incarnationOf(bus, topic);
    if (incarnation === null) return [];
    // Before the ends: what is committed later must not hide what was read as not applied.
    const committed = await bus.committed(INGESTION_GROUP, topic);
    const ends = await bus.ends(topic);
    return Promise.all(
      ends.map(async ({ partition, highWater: end, logStart }) => {
        const source = { bus: bus.id, incarnation, group: INGESTION_GROUP, topic, partition };
        const from = Math.min(Math.max(committed.get(partition) ?? 0, logStart), end);
        const tail = await readTail(bus, { topic, partition, from, to: end }, SHARED_LIMITS);
        return { source, from, end, ...tail };
      }),
    );
  }
}
