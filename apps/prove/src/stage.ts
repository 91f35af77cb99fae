import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { check, type Checked } from './checker/check.js';
import { type PlantedBug } from './invariant.js';
import { Load, type LoadOptions } from './load/load.js';
import { Random } from './nemesis/random.js';
import { Services, type ServicesOptions } from './world/services.js';
import { type ProvenTenant, type World } from './world/world.js';

/** How a run is set up. */
export interface StageOptions {
  readonly seeds: readonly number[];
  readonly soakMinutes: number | null;
  readonly planted: PlantedBug | null;
}

let journals = 0;

/** The room of one proof: what it starts here is ended with it. */
export class Stage {
  private readonly closers: (() => Promise<unknown>)[] = [];
  /** Of the first seed. */
  readonly random: Random;

  constructor(
    readonly world: World,
    private readonly options: StageOptions,
  ) {
    this.random = new Random(options.seeds[0] ?? 0);
  }

  get isKafka(): boolean {
    return this.world.kafka !== null;
  }

  /** Services with the planted bug, if one is. */
  async services(options: ServicesOptions = {}): Promise<Services> {
    const preloads = [...(options.preloads ?? []), ...(this.options.planted?.preloads ?? [])];
    const services = await Services.start(this.world, { ...options, preloads });
    this.closers.unshift(() => services.stop());
    await this.plantSettings();
    return services;
  }

  private async plantSettings(): Promise<void> {
    const { postgres } = this.world;
    const settings = Object.entries(this.options.planted?.settings ?? {});
    if (settings.length === 0) return;
    for (const [name, value] of settings) await postgres.configure(name, value);
    this.closers.push(async () => {
      for (const [name] of settings) await postgres.configure(name, null);
    });
  }

  tenant(options: { readonly isAside?: boolean } = {}): Promise<ProvenTenant> {
    return this.world.newTenant(options);
  }

  /** A load on all gateways that run. */
  async load(
    services: Pick<Services, 'urls'>,
    tenant: ProvenTenant,
    options: Partial<LoadOptions> = {},
  ): Promise<Load> {
    const load = await Load.start({
      urls: () => services.urls,
      key: tenant.key,
      journal: join(this.world.home, `journal-${(journals += 1)}.jsonl`),
      random: new Random(this.options.seeds[0] ?? 0),
      // Of a planted bug it is enough to know that it shows.
      ...(this.options.planted ? { patienceMs: 15_000 } : {}),
      ...options,
    });
    this.closers.unshift(() => load.close());
    return load;
  }

  /** Ends a load and compares its journal with the log. */
  async settle(load: Load, tenant: ProvenTenant): Promise<Checked & { readonly stuck: number }> {
    await load.stop();
    return { ...(await check(tenant, load.attempts)), stuck: load.stuck };
  }

  /** Does `step` so often for each seed, or as long as the soak asks for: the same seeds give the same faults. */
  async legs(stepsOfSeed: number, step: (random: Random) => Promise<void>): Promise<void> {
    const { seeds, soakMinutes } = this.options;
    const legMs = ((soakMinutes ?? 0) * 60_000) / seeds.length;
    for (const seed of seeds) {
      const random = new Random(seed);
      const until = performance.now() + legMs;
      for (let count = 0; count < stepsOfSeed || performance.now() < until; count += 1) {
        await step(random);
      }
    }
  }

  /** Waits until `hasHappened`; throws with `what` after `withinMs`. Answers milliseconds. */
  async until(
    what: string,
    hasHappened: () => boolean | Promise<boolean>,
    withinMs = 60_000,
  ): Promise<number> {
    const start = performance.now();
    while (!(await hasHappened())) {
      if (performance.now() - start > withinMs) throw new Error(`waited in vain: ${what}`);
      await delay(25);
    }
    return Math.round(performance.now() - start);
  }

  /** Ended with the stage. */
  closeLater(close: () => Promise<unknown>): void {
    this.closers.unshift(close);
  }

  async close(): Promise<void> {
    const { world } = this;
    for (const faults of [world.postgres.faults, world.postgres.aside, world.kafka?.faults]) {
      faults?.setMode({ kind: 'pass' });
    }
    for (const close of this.closers.splice(0)) await close();
  }
}
