import { setTimeout as delay } from 'node:timers/promises';
import { type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { PARTNERS_GROUP } from '@parley/contracts';
import { type Bus, type Consumption } from '@parley/messaging';
import { type Logger, type Warn, warnSeldom } from '@parley/platform';
import { type RedactionPolicies } from '@parley/redaction';
import { type Partners } from '@parley/tenancy';
import { type CommandsService } from '../commands/commands.service.js';
import { MERGED_BYTES } from '../commands/record-reader.js';
import { PartnerReader } from './partner-reader.js';
import { type PartnerTopics } from './partner-topics.js';

/** What the consumer stands on; `onFailure` ends the process. */
export interface PartnersConsumerParts {
  readonly bus: Bus;
  readonly partners: Partners;
  readonly topics: PartnerTopics;
  readonly commands: CommandsService;
  readonly policies: RedactionPolicies;
  readonly logger: Logger;
  readonly onFailure: (error: Error) => void;
}

const LOOK_EVERY_MS = 2_000;
/** Databases that are away take their time to say so. */
const AT_ONCE = 20;

/**
 * The Kafka door: consumes the topics of all registered partners. A topic that is registered later is taken up within
 * seconds. Nothing is ever published on a record's behalf, whatever its headers ask for.
 */
export class PartnersConsumer implements OnModuleDestroy, OnApplicationShutdown {
  private readonly reader: PartnerReader;
  private names: ReadonlyMap<string, readonly string[]> = new Map();
  private readonly stopping = new AbortController();
  private consumption?: Consumption;
  private stopped?: Promise<unknown>;
  private readonly warn: Warn;

  constructor(private readonly parts: PartnersConsumerParts) {
    this.reader = new PartnerReader((tenant) => this.names.get(tenant) ?? [], parts.policies);
    this.warn = warnSeldom(parts.logger);
  }

  /** Resolves when all partners that are known now are consumed. */
  async start(): Promise<void> {
    const { bus, commands, onFailure } = this.parts;
    this.consumption = await bus.consume({
      group: PARTNERS_GROUP,
      topics: await this.readyTopics(),
      maxBytes: MERGED_BYTES,
      maxAttempts: Infinity,
      handler: (chunk) => commands.apply(chunk, this.reader),
    });
    void this.consumption.failed.then(onFailure);
    void this.followRegistry(this.consumption);
  }

  /** Begins to stop, so that the other consumptions of this process stop at the same time. */
  onModuleDestroy(): void {
    this.stopping.abort();
    this.stopped = this.consumption?.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stopped;
  }

  private async followRegistry(consumption: Consumption): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await delay(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.subscribe(consumption);
    }
  }

  private async subscribe(consumption: Consumption): Promise<void> {
    try {
      await consumption.subscribe(await this.readyTopics());
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      this.warn({ err: error }, 'new topics of partners wait: what they need is away');
    }
  }

  private async readyTopics(): Promise<string[]> {
    const partners = await this.parts.partners.listTopics();
    this.names = new Map(partners.map(({ tenantId, tenantName }) => [tenantId, [tenantName]]));
    const ready: string[] = [];
    for (let from = 0; from < partners.length; from += AT_ONCE) {
      const some = partners.slice(from, from + AT_ONCE);
      const isReady = await Promise.all(some.map((one) => this.parts.topics.makeReady(one)));
      ready.push(...some.filter((_, index) => isReady[index]).map(({ topic }) => topic));
    }
    return ready;
  }
}
