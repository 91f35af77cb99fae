import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { BULK_TOPIC, COMMANDS_TOPIC, INGESTION_GROUP } from '@parley/contracts';
import { BusTransport } from '@parley/messaging';
import { nestLogger } from '@parley/platform';
import { Tenants } from '@parley/tenancy';
import { checkTopics } from './commands/topic-check.js';
import { PartnersConsumer } from './partners/partners.consumer.js';
import { IngestionModule, type IngestionParts } from './ingestion.module.js';

// A record that can't be applied becomes a dead letter: only what may pass by itself is left to the bus.
const PATIENT = { maxAttempts: Infinity };

/** Ingestion as a Nest app that consumes from its creation on; it serves health and metrics once it listens. */
export async function createIngestion(parts: IngestionParts): Promise<NestFastifyApplication> {
  const { bus, control, databases, logger, onFailure } = parts;
  await checkTopics({ bus, databases, logger, tenants: new Tenants(control) });
  const app = await NestFactory.create<NestFastifyApplication>(
    IngestionModule.register(parts),
    new FastifyAdapter(),
    { logger: nestLogger(logger) },
  );
  app.connectMicroservice({
    strategy: new BusTransport({
      ...{ bus, onFailure, group: INGESTION_GROUP },
      topics: { [COMMANDS_TOPIC]: PATIENT, [BULK_TOPIC]: PATIENT },
    }),
  });
  await app.startAllMicroservices();
  await app.get(PartnersConsumer).start();
  // Schedules run from here on, whether or not it ever listens.
  return app.init();
}
