import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { readModels } from '@parley/domain';
import { createGateway, ReceiptBoard } from '@parley/gateway';
import { createIngestion } from '@parley/ingestion';
import { type Logger } from '@parley/platform';
import {
  Credentials,
  openInstallation,
  prepareServer,
  type PreparedServer,
  Tenants,
} from '@parley/tenancy';
import { type StandaloneConfig } from './config.js';
import { firstKey } from './first-key.js';
import { startUpgrade } from './upgrade-read-models.js';

/** Everything in one process; `key` is the first API key of tenant `demo`, on the first run only. */
export interface Standalone {
  readonly gateway: NestFastifyApplication;
  readonly key: string | null;
  /** Closes the gateway, then ingestion, then what they stand on. */
  close(): Promise<void>;
}

/**
 * Starts the services over embedded PostgreSQL and the embedded bus, or over what the settings name instead. Where a
 * part can't start, those that run are closed again.
 */
export async function startStandalone(
  config: StandaloneConfig,
  logger: Logger,
  onFailure: (error: Error) => void,
): Promise<Standalone> {
  const closers: (() => Promise<unknown>)[] = [];
  const opened = <Part>(part: Part, close: (part: Part) => Promise<unknown>): Part => {
    closers.unshift(() => close(part));
    return part;
  };
  const close = async () => {
    for (const closePart of closers.splice(0)) await closePart();
  };
  try {
    const server = opened(await prepareServer(config, readModels), (part) => part.stop());
    tellOf(server, logger);
    const settings = { ...config, DATABASE_URL: server.adminUrl };
    const service = { name: 'standalone', logger };
    const installation = opened(await openInstallation(settings, service), (part) => part.close());
    const receipts = new ReceiptBoard();
    const parts = { ...installation, logger, receipts };
    const ingestion = { ...parts, onFailure, parkAfterMs: config.PARK_AFTER_MS };
    opened(await createIngestion(ingestion), (part) => part.close());
    const credentials = new Credentials(installation.control);
    const gateway = await createGateway({ ...parts, config, credentials });
    opened(gateway, (part) => part.close());
    await gateway.listen({ port: config.PORT, host: config.HOST });
    const key = await firstKey(installation.control, server.adminUrl);
    // Elsewhere there may be processes of the former release, and an operator says when they are gone.
    if (!config.DATABASE_URL) {
      const tenants = new Tenants(installation.control);
      opened(startUpgrade({ ...parts, tenants }), (upgrade) => upgrade.stop());
    }
    return { gateway, key, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function tellOf({ away }: PreparedServer, logger: Logger): void {
  if (away.length === 0) return;
  logger.warn({ servers: away }, 'servers of tenants are away: not brought up to date');
}
