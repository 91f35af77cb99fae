import { type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { beforeScrape, endedWithin, type Logger, type Warn, warnSeldom } from '@parley/platform';
import { type Freshness, type Tenants, type TenantFreshness } from '@parley/tenancy';
import { resetFreshness, showFreshness } from './freshness.gauges.js';

/** What the metrics stand on. */
export interface FreshnessMetricsParts {
  readonly freshness: Pick<Freshness, 'of'>;
  readonly tenants: Pick<Tenants, 'list'>;
  readonly logger: Logger;
}

const AT_ONCE = 8;
const GOOD_FOR_MS = 5_000;
const STOPPED_WITHIN_MS = 3_000;

/** Measures how fresh all tenants are when the metrics are scraped, at most every 5 s and never twice at once. */
export class FreshnessMetrics implements OnApplicationBootstrap, OnModuleDestroy {
  private end?: () => void;
  private running?: Promise<void>;
  private goodUntil = 0;
  private isStopping = false;
  private readonly warn: Warn;

  constructor(private readonly parts: FreshnessMetricsParts) {
    this.warn = warnSeldom(parts.logger);
  }

  onApplicationBootstrap(): void {
    this.end = beforeScrape(() => this.refresh());
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    this.end?.();
    await endedWithin(STOPPED_WITHIN_MS, this.running ?? Promise.resolve());
  }

  private refresh(): Promise<void> {
    if (performance.now() < this.goodUntil) return Promise.resolve();
    this.running ??= this.measure().finally(() => {
      this.running = undefined;
      this.goodUntil = performance.now() + GOOD_FOR_MS;
    });
    return this.running;
  }

  /** A tenant that can't be measured has no value rather than an old one. */
  private async measure(): Promise<void> {
    const found: (readonly [string, TenantFreshness])[] = [];
    try {
      const tenants = (await this.parts.tenants.list()).map(({ id }) => id);
      for (let from = 0; from < tenants.length && !this.isStopping; from += AT_ONCE)
        found.push(...(await this.measureSome(tenants.slice(from, from + AT_ONCE))));
    } catch (error) {
      this.report(error, null);
    }
    resetFreshness();
    for (const [tenant, freshness] of found) showFreshness(tenant, freshness);
  }

  private async measureSome(tenants: readonly string[]) {
    const { freshness } = this.parts;
    const measured = await Promise.all(
      tenants.map(async (tenant) => {
        try {
          return [[tenant, await freshness.of(tenant)] as const];
        } catch (error) {
          this.report(error, tenant);
          return [];
        }
      }),
    );
    return measured.flat();
  }

  private report(error: unknown, tenant: string | null): void {
    this.warn({ err: error, tenant }, 'how fresh tenants are can’t be measured for now');
  }
}
