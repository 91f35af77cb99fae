import { Controller, Get, Header, Module } from '@nestjs/common';
import { PublicRoute } from '../service/public-route.js';
import { runScrapeHooks } from './before-scrape.js';
import { metricsRegistry } from './metrics.js';

@PublicRoute()
@Controller('metrics')
class MetricsController {
  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async read(): Promise<string> {
    await runScrapeHooks();
    return metricsRegistry().metrics();
  }
}

/** `GET /metrics`: the metrics of the process in Prometheus' text form. */
@Module({ controllers: [MetricsController] })
export class MetricsModule {}
