import { randomBytes } from 'node:crypto';
import { eventually } from '@parley/testing';
import {
  type Bus,
  type BusRecord,
  type Chunk,
  type ConsumeOptions,
  type Consumption,
  type DeliveredRecord,
  type LostRecords,
} from '../../src/index.js';

/** A record as any other program may produce it. */
export interface ForeignRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer>>;
}

/** What Kafka's clients compress with. */
export type Codec = 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** What a bus can be told to tell of. */
export interface BusHooks {
  readonly onLost?: (lost: LostRecords) => void;
}

/** What the contract needs of a bus beside the port: what only its operator or another program does. */
export interface BusHarness {
  /** Another client of the same bus, as another process would open it. */
  open(options?: BusHooks): Promise<Bus>;
  deleteTopic(topic: string): Promise<void>;
  publishForeign(topic: string, records: readonly ForeignRecord[]): Promise<void>;
  /** As `publishForeign`, in one compressed batch where the bus knows such a thing. */
  publishCompressed(topic: string, records: readonly ForeignRecord[], codec: Codec): Promise<void>;
  /** Partition 0 loses its records below `offset`, as by the bus's retention. */
  dropRecords(topic: string, offset: number): Promise<void>;
  /** The bus breaks off all its connections without a word and is back a little later. */
  interrupt(): Promise<void>;
  close(): Promise<void>;
}

/** Buses that a spec opened, closed together. */
export class OpenBuses {
  private readonly buses: Bus[] = [];

  constructor(private readonly harness: () => BusHarness) {}

  async open(options?: BusHooks): Promise<Bus> {
    const bus = await this.harness().open(options);
    this.buses.push(bus);
    return bus;
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.buses.splice(0).map((bus) => bus.close()));
  }
}

export function uniqueName(kind: string): string {
  return `${kind}-${randomBytes(6).toString('hex')}`;
}

export async function newTopic(bus: Bus, partitions = 3): Promise<string> {
  const topic = uniqueName('test-topic');
  await bus.ensureTopic({ topic, partitions });
  return topic;
}

export function record(key: string, value: string | Buffer = key): BusRecord {
  return { key, headers: {}, value: Buffer.from(value) };
}

/** `count` records of a key, numbered in their values. */
export function numbered(key: string, count: number, from = 0): BusRecord[] {
  return Array.from({ length: count }, (_, n) => record(key, `${key}:${from + n}`));
}

export const soon = <T>(attempt: () => T | Promise<T>) =>
  eventually(attempt, { timeoutMs: 25_000 });

/** What a consumer got, in order of the handler's calls. */
export class Inbox {
  readonly chunks: Chunk[] = [];
  consumption!: Consumption;

  get records(): DeliveredRecord[] {
    return this.chunks.flatMap(({ records }) => records);
  }

  get values(): string[] {
    return this.records.map(({ value }) => String(value));
  }

  /** Values of one key, in order of arrival. */
  valuesOf(key: string): string[] {
    return this.records.filter((one) => String(one.key) === key).map(({ value }) => String(value));
  }

  async holds(count: number): Promise<void> {
    await soon(() => this.records.length >= count);
  }
}

type Consume = Pick<ConsumeOptions, 'topics'> & Partial<ConsumeOptions>;

/** Consumes into an inbox; `handler`, when given, runs before a chunk counts as got. */
export async function consumeInto(bus: Bus, { handler, ...options }: Consume): Promise<Inbox> {
  const inbox = new Inbox();
  inbox.consumption = await bus.consume({
    group: uniqueName('test-group'),
    ...options,
    handler: async (chunk, signal) => {
      await handler?.(chunk, signal);
      inbox.chunks.push(chunk);
    },
  });
  return inbox;
}

/** A promise and its resolver: a handler that waits for the test. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Keys that fall into `count` different partitions of three. */
export const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
