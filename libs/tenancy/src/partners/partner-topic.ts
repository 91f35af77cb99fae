import { TOPIC_PARTITIONS } from '@parley/contracts';
import { type Bus } from '@parley/messaging';

/** Makes the topic of a partner where the bus lacks it. */
export function ensurePartnerTopic(bus: Bus, topic: string): Promise<void> {
  return bus.ensureTopic({
    topic,
    partitions: TOPIC_PARTITIONS,
    // So the broker opens every batch, and what expands beyond its limits is refused to the one who sent it.
    config: { 'compression.type': 'uncompressed' },
  });
}
