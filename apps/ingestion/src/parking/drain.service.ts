import { type OnModuleDestroy } from '@nestjs/common';
import { isOutage } from '@parley/event-store';
import { endedWithin, type Logger, type Warn, warnSeldom } from '@parley/platform';
import { type ControlDatabase, type Parked } from '@parley/tenancy';
import { type TenantWriters } from '../commands/tenant-writers.js';
import { DatabaseAwayError } from './availability.js';
import { type DrainParts, drainPlace } from './drain-place.js';

/** What the service stands on. */
export interface DrainServiceParts extends DrainParts {
  readonly control: ControlDatabase;
  readonly writers: TenantWriters;
  readonly logger: Logger;
}

const TENANTS_AT_ONCE = 3;
/** Then the rows are read again; what was applied stays applied. */
const LONGEST_MS = 60_000;
const STOPPED_WITHIN_MS = 3_000;

/** Catches up with parked tenants whose databases are back: one process at a time for each, several tenants at once. */
export class DrainService implements OnModuleDestroy {
  private readonly looking = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly warn: Warn;
  private draining = 0;

  constructor(private readonly parts: DrainServiceParts) {
    this.warn = warnSeldom(parts.logger);
  }

  /** Begins with every tenant that can be caught up with; does not wait for them. */
  async look(): Promise<void> {
    const { parked, bus } = this.parts;
    try {
      const byTenant = Map.groupBy(await parked.list(bus.id), ({ tenant }) => tenant);
      for (const [tenant, places] of byTenant) this.begin(tenant, places);
    } catch (error) {
      this.warn({ err: error }, 'what is parked can’t be looked at for now');
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await endedWithin(STOPPED_WITHIN_MS, Promise.all(this.looking.values()));
  }

  private begin(tenant: string, places: readonly Parked[]): void {
    if (this.looking.has(tenant) || this.stopping.signal.aborted) return;
    const looking = this.drainIfThere(tenant, places)
      .catch((error: unknown) => this.report(error, tenant))
      .finally(() => this.looking.delete(tenant));
    this.looking.set(tenant, looking);
  }

  private async drainIfThere(tenant: string, places: readonly Parked[]): Promise<void> {
    const { writers, control } = this.parts;
    const store = await writers.open(tenant);
    await writers.availability(tenant).once((signal) => store.ping(signal));
    if (this.draining >= TENANTS_AT_ONCE) return;
    this.draining++;
    try {
      await control.exclusively(`drain ${tenant}`, () => this.drainAll(tenant, places));
    } finally {
      this.draining--;
    }
  }

  private async drainAll(tenant: string, places: readonly Parked[]): Promise<void> {
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(LONGEST_MS)]);
    const since = performance.now();
    const outcomes = await Promise.allSettled(
      places.map((place) => drainPlace(this.parts, place, signal)),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed && !signal.aborted) throw failed.reason;
    if (failed) return;
    const ms = Math.round(performance.now() - since);
    this.parts.logger.warn({ tenant, partitions: places.length, ms }, 'a tenant is caught up with');
  }

  /** That the database is still away, or away again, was told when the tenant was parked. */
  private report(error: unknown, tenant: string): void {
    if (error instanceof DatabaseAwayError || isOutage(error)) return;
    this.warn({ err: error, tenant }, 'a parked tenant can’t be caught up with for now');
  }
}
