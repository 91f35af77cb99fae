import { TOPIC_PARTITIONS } from '@parley/contracts';
import { type Bus } from '@parley/messaging';

/** Makes the topic of a partner where the bus lacks it. */
export function ensurePartnerTopic(bus: Bus, topic: string): Promise<void> {
  return bus.ensureTopic({
    topic,
    partitions: TOPIC_PARTITIONS,
    // Whatever the broker's default: one that opens what a partner has compressed does so on a heap that all share.
    config: { 'compression.type': 'producer' },
  });
}
