import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  createLogger,
  HealthModule,
  type HealthCheck,
  MetricsModule,
  nestLogger,
  observeRequests,
} from '../src/index.js';
import { Readiness } from '../src/health/readiness.js';

const apps: NestFastifyApplication[] = [];
const lines: string[] = [];
const logger = createLogger({
  service: 'test',
  destination: { write: (line: string) => void lines.push(line) },
});

@Controller('things')
class ThingsController {
  @Get(':id')
  read(@Param('id') id: string): { id: string } {
    if (id === 'broken') throw new SyntaxError('cannot read "what the sender said"');
    return { id };
  }
}

type Checks = Record<string, HealthCheck>;

async function serve(checks: Checks = {}, liveness: Checks = {}) {
  @Module({
    imports: [HealthModule.register(checks, liveness), MetricsModule],
    controllers: [ThingsController],
  })
  class App {}
  const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), {
    logger: nestLogger(logger),
  });
  observeRequests(app.getHttpAdapter().getInstance(), {
    logger,
    fields: () => ({ tenant: 't_1' }),
  });
  await app.init();
  apps.push(app);
  return app;
}

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  lines.length = 0;
});

describe('the endpoints of a service', () => {
  it('is live and ready while its checks pass', async () => {
    const app = await serve({ database: () => Promise.resolve() });
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    expect((await app.inject('/health/ready')).json()).toEqual({ status: 'ok' });
  });

  it('is live but not ready, and names what fails, without saying why', async () => {
    const fails = () => Promise.reject(new Error('password wrong'));
    const app = await serve({ database: fails, bus: () => Promise.resolve() });
    const answer = await app.inject('/health/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ status: 'unavailable', failing: ['database'] });
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  it('is not live when something hangs that only a new start mends', async () => {
    let hangs = false;
    const consuming = async () => {
      if (hangs) throw new Error('why');
    };
    const app = await serve({}, { consuming });
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    hangs = true;
    const answer = await app.inject('/health/live');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ status: 'unavailable', failing: ['consuming'] });
    expect((await app.inject('/health/ready')).statusCode).toBe(200);
  });

  it('is not ready once it drains', async () => {
    const app = await serve();
    app.get(Readiness).drain();
    expect((await app.inject('/health/ready')).json()).toMatchObject({ failing: ['draining'] });
  });

  it('shows the metrics of the process, event-loop delay included, also with several apps', async () => {
    const [first, second] = [await serve(), await serve()];
    await second.inject('/things/one');
    const { body, headers } = await first.inject('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(body).toMatch(/http_request_duration_seconds_count\{method="GET",route="\/things\/:id"/);
  });
});

describe('the log of a service', () => {
  it('has one line per request with the route, not the address', async () => {
    const app = await serve();
    await app.inject({ url: '/things/someone?name=private', headers: { 'x-api-key': 'avk_1' } });
    const requests = lines
      .map((line) => JSON.parse(line) as { msg: string })
      .filter(({ msg }) => msg === 'request');
    expect(requests).toEqual([
      expect.objectContaining({ method: 'GET', route: '/things/:id', status: 200, tenant: 't_1' }),
    ]);
    expect(lines.join()).not.toMatch(/someone|private|avk_1/);
  });

  it('tells of an error without the data that its message quotes', async () => {
    const app = await serve();
    expect((await app.inject('/things/broken')).statusCode).toBe(500);
    expect(lines.join()).toContain('SyntaxError');
    expect(lines.join()).not.toContain('what the sender said');
  });

  it('drops fields that carry secrets or bodies', () => {
    logger.info({ key: 'avk_1', request: { headers: { a: 'avk_2' }, body: 'text' } }, 'event');
    expect(lines.join()).not.toMatch(/avk_|text/);
  });
});
