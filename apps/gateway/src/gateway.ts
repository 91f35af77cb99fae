import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { nestLogger, observeRequests, RateLimits } from '@parley/platform';
import { identifyCallers } from './auth/identify.js';
import { type GatewayParts } from './gateway-parts.js';
import { GatewayModule } from './gateway.module.js';
import { protectAnswers } from './http/headers.js';
import { takeLeave } from './http/leave.js';
import { acceptBodies, createAdapter } from './http/server.js';
import { serveDocs } from './openapi/openapi.js';

/** The gateway, ready to listen. */
export async function createGateway(parts: GatewayParts): Promise<NestFastifyApplication> {
  const { config, credentials, logger } = parts;
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.register(parts),
    createAdapter(config),
    { bodyParser: false, logger: nestLogger(logger), abortOnError: false },
  );
  const instance = app.getHttpAdapter().getInstance();
  const failures = new RateLimits({ points: config.INVALID_KEYS_PER_MINUTE, perSeconds: 60 });
  await protectAnswers(app);
  acceptBodies(instance);
  observeRequests(instance, { logger, fields: ({ caller }) => ({ tenant: caller?.tenantId }) });
  identifyCallers(instance, credentials, failures);
  takeLeave(app);
  serveDocs(app);
  return app.init();
}
