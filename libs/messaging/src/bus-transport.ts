import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { type Bus, type Chunk, type ConsumeOptions, type Consumption } from './bus.js';

/** How the records of a topic are handed to its handler. */
export type TopicDelivery = Pick<ConsumeOptions, 'maxRecords' | 'maxBytes' | 'maxAttempts'>;

/** What a service consumes, and what is to happen when it no longer can. */
export interface BusTransportOptions {
  readonly bus: Bus;
  readonly group: string;
  /** By topic; topics that are not named have the bus's defaults. */
  readonly topics?: Readonly<Record<string, TopicDelivery>>;
  /** A consumption has died: the process must end with a non-zero code. */
  readonly onFailure: (error: Error) => void;
}

/** A handler of Nest threw; Nest has logged what, and hides it from the transport. */
export class NestHandlerError extends Error {
  override readonly name = 'NestHandlerError';
  readonly code = 'bus/nest-handler';
}

/**
 * Nest's view of the bus: `@EventPattern(topic)` handlers get a `Chunk` as payload and an `AbortSignal` as context,
 * which fires when the service stops. Returning means "dealt with", throwing means "try again".
 *
 * @example @EventPattern<string>(COMMANDS_TOPIC) apply(@Payload() chunk: Chunk, @Ctx() signal: AbortSignal)
 */
export class BusTransport extends Server implements CustomTransportStrategy {
  // Tells Nest that a handler's failure reaches the bus, so that it need not report it as lost.
  override readonly propagatesEventHandlerErrors = true;
  private consumptions: Consumption[] = [];

  constructor(private readonly options: BusTransportOptions) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.consumeAll().then(() => callback(), callback);
  }

  async close(): Promise<void> {
    await Promise.all(this.consumptions.map((consumption) => consumption.stop()));
  }

  on(): never {
    throw new Error('the bus has no events of its own');
  }

  unwrap<T>(): T {
    return this.options.bus as T;
  }

  /** Topics that are delivered alike share one member of the group. */
  private async consumeAll(): Promise<void> {
    const { bus, group, topics: deliveries = {}, onFailure } = this.options;
    const alike = new Map<string, { delivery: TopicDelivery; topics: string[] }>();
    for (const topic of this.messageHandlers.keys()) {
      const delivery = deliveries[topic] ?? {};
      const { maxRecords, maxBytes, maxAttempts } = delivery;
      const key = [maxRecords, maxBytes, maxAttempts].join();
      const members = alike.get(key)?.topics ?? [];
      alike.set(key, { delivery, topics: [...members, topic] });
    }
    const handler = (chunk: Chunk, signal: AbortSignal) => this.handle(chunk, signal);
    const starting = [...alike.values()].map(async ({ delivery, topics }) => {
      const consumption = await bus.consume({ ...delivery, group, topics, handler });
      this.consumptions.push(consumption);
      void consumption.failed.then(onFailure);
    });
    await Promise.all(starting);
  }

  /** Nest answers a throw with a stream that fails; only who subscribes to it learns of the failure. */
  private async handle(chunk: Chunk, signal: AbortSignal): Promise<void> {
    const handler = this.getHandlerByPattern(chunk.source.topic)!;
    const answer: unknown = await handler(chunk, signal);
    try {
      await lastValueFrom(this.transformToObservable(answer), { defaultValue: undefined });
    } catch (cause) {
      if (cause instanceof Error) throw cause;
      throw new NestHandlerError('a handler failed', { cause });
    }
  }
}
