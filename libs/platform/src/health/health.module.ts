import {
  Controller,
  type DynamicModule,
  Get,
  Module,
  ServiceUnavailableException,
} from '@nestjs/common';
import { PublicRoute } from '../service/public-route.js';
import { type HealthCheck, Liveness, Readiness } from './readiness.js';

type Checks = Readonly<Record<string, HealthCheck>>;

@PublicRoute()
@Controller('health')
class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly liveness: Liveness,
  ) {}

  @Get('live')
  async live(): Promise<{ status: string }> {
    return answer(await this.liveness.failing());
  }

  @Get('ready')
  async ready(): Promise<{ status: string }> {
    return answer(await this.readiness.failing());
  }
}

function answer(failing: readonly string[]): { status: string } {
  if (failing.length > 0) throw new ServiceUnavailableException({ status: 'unavailable', failing });
  return { status: 'ok' };
}

/**
 * `GET /health/live` and `GET /health/ready`: 200, or 503 with the names of the failing checks; why they fail is in no
 * answer. What only a new start mends belongs to the checks of liveness, an outage of something else never does.
 *
 * @example HealthModule.register({ database: () => pool.query('SELECT 1') })
 */
@Module({})
export class HealthModule {
  /** Each app of a process registers its own checks; without any of liveness it is live while the process turns. */
  static register(checks: Checks, liveness: Checks = {}): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [
        { provide: Readiness, useFactory: () => new Readiness(checks) },
        { provide: Liveness, useFactory: () => new Liveness(liveness) },
      ],
      exports: [Readiness],
    };
  }
}
