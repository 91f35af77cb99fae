import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { readModels } from '@parley/domain';
import { createGateway, ReceiptBoard } from '@parley/gateway';
import { createIngestion } from '@parley/ingestion';
import { type Logger } from '@parley/platform';
import { Credentials, openInstallation, prepareServer } from '@parley/tenancy';
import { type StandaloneConfig } from './config.js';
import { firstKey } from './first-key.js';

/** Everything in one process; `key` is the first API key of tenant `demo`, on the first run only. */
export interface Standalone {
  readonly gateway: NestFastifyApplication;
  readonly key: string | null;
  /** Closes the gateway, then ingestion, then what they stand on. */
  close(): Promise<void>;
}

/** Starts the services over embedded PostgreSQL and the embedded bus, or over what the settings name instead. */
export async function startStandalone(
  config: StandaloneConfig,
  logger: Logger,
  onFailure: (error: Error) => void,
): Promise<Standalone> {
  const server = await prepareServer(config, readModels);
  const settings = { ...config, DATABASE_URL: server.adminUrl };
  const installation = await openInstallation(settings, { name: 'standalone', logger });
  const key = await firstKey(installation.control, server.adminUrl);
  const receipts = new ReceiptBoard();
  const ingestion = await createIngestion({ ...installation, logger, receipts, onFailure });
  const gateway = await createGateway({
    ...installation,
    config,
    logger,
    credentials: new Credentials(installation.control),
    receipts,
  });
  await gateway.listen({ port: config.PORT, host: config.HOST });
  const close = async () => {
    for (const part of [gateway, ingestion, installation]) await part.close();
    await server.stop();
  };
  return { gateway, key, close };
}
