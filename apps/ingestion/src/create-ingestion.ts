import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { INGESTION_GROUP } from '@parley/contracts';
import { BusTransport } from '@parley/messaging';
import { nestLogger } from '@parley/platform';
import { Tenants } from '@parley/tenancy';
import { checkTopics } from './commands/topic-check.js';
import { IngestionModule, type IngestionParts } from './ingestion.module.js';

/** Ingestion as a Nest app that consumes from its creation on; it serves health and metrics once it listens. */
export async function createIngestion(parts: IngestionParts): Promise<NestFastifyApplication> {
  const { bus, control, databases, logger, onFailure } = parts;
  await checkTopics({ bus, databases, tenants: new Tenants(control) });
  const app = await NestFactory.create<NestFastifyApplication>(
    IngestionModule.register(parts),
    new FastifyAdapter(),
    { logger: nestLogger(logger) },
  );
  app.connectMicroservice({
    strategy: new BusTransport({ bus, group: INGESTION_GROUP, onFailure }),
  });
  await app.startAllMicroservices();
  return app;
}
