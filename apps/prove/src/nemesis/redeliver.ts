import { COMMANDS_TOPIC, INGESTION_GROUP } from '@parley/contracts';
import { rewindGroup } from '../world/kafka-offsets.js';
import { type Services } from '../world/services.js';
import { type World } from '../world/world.js';

/** Stops all ingestions, makes the bus forget how far they were, and starts them again: they get everything once more. */
export async function redeliver(world: World, { ingestions }: Services): Promise<void> {
  await Promise.all(ingestions.map((service) => service.end('SIGTERM')));
  if (world.kafka) await rewindGroup(world.kafka.brokers, INGESTION_GROUP, [COMMANDS_TOPIC]);
  else await world.postgres.query('parley_bus', 'UPDATE bus_offsets SET next_offset = 0');
  await Promise.all(ingestions.map((service) => service.start()));
}
