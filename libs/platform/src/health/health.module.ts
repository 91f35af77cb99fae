import {
  Controller,
  type DynamicModule,
  Get,
  Module,
  ServiceUnavailableException,
} from '@nestjs/common';
import { PublicRoute } from '../service/public-route.js';
import { type HealthCheck, Readiness } from './readiness.js';

@PublicRoute()
@Controller('health')
class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(): Promise<{ status: string }> {
    const failing = await this.readiness.failing();
    if (failing.length > 0)
      throw new ServiceUnavailableException({ status: 'unavailable', failing });
    return { status: 'ok' };
  }
}

/**
 * `GET /health/live` (200 while the process turns) and `GET /health/ready` (200, or 503 with the names of the failing
 * checks; why they fail is in no answer).
 *
 * @example HealthModule.register({ database: () => pool.query('SELECT 1') })
 */
@Module({})
export class HealthModule {
  /** Each app of a process registers its own checks. */
  static register(checks: Readonly<Record<string, HealthCheck>>): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [{ provide: Readiness, useFactory: () => new Readiness(checks) }],
      exports: [Readiness],
    };
  }
}
