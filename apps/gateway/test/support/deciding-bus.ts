import {
  type CommandEnvelope,
  decodeCommand,
  type Door,
  type Receipt,
  redriveIn,
} from '@parley/contracts';
import {
  type Bus,
  type BusRecord,
  BusUnavailableError,
  type Consumption,
  type PartitionEnd,
} from '@parley/messaging';
import { v7 } from 'uuid';

/** Decides commands in the order of their publishing. */
export type Decide = (envelope: CommandEnvelope) => Promise<Receipt>;

/** A bus whose records are decided right after their publishing, one after the other, as ingestion would. */
export class DecidingBus implements Bus {
  readonly id = 'deciding-bus';
  /** Every envelope that was published, in order. */
  readonly published: CommandEnvelope[] = [];
  /** Every record that is no command: requests to try dead letters again. */
  readonly others: BusRecord[] = [];
  isAway = false;
  isIngestionAway = false;
  private last: Promise<void> = Promise.resolve();
  private readonly failures: unknown[] = [];

  constructor(
    private readonly decide: Decide,
    private readonly report: (tenant: string, receipt: Receipt) => void,
  ) {}

  async publish(_topic: string, records: readonly BusRecord[]): Promise<void> {
    await this.ping();
    const isRequest = (record: BusRecord) => redriveIn(record) !== null;
    this.others.push(...records.filter(isRequest));
    const envelopes = records.filter((record) => !isRequest(record)).map(decoded);
    this.published.push(...envelopes);
    if (this.isIngestionAway) return;
    for (const envelope of envelopes) {
      this.last = this.last
        .then(() => this.decide(envelope))
        .then((receipt) => {
          this.report(envelope.tenant, receipt);
        })
        .catch((error: unknown) => void this.failures.push(error));
    }
  }

  /** Decides a conversation that came through another door. */
  async accept(record: {
    readonly tenant: string;
    readonly door: Door;
    readonly conversation_id: string;
    readonly agent_id: string;
  }): Promise<void> {
    const { tenant, door, ...identity } = record;
    const header = { timestamp: '2024-01-15T10:30:00Z', is_resolved: false };
    await this.decide({
      command_id: v7(),
      attempt_id: v7(),
      tenant,
      door,
      command: {
        type: 'RecordConversation',
        data: { ...identity, mode: 'replace', header, messages: [] },
      },
      warnings: [],
      source: {},
    });
  }

  /** Decides nothing more until `release` settles; what is published meanwhile is durable, as with ingestion away. */
  pauseUntil(release: Promise<unknown>): void {
    this.last = this.last.then(async () => void (await release));
  }

  /** Resolves when everything published so far is decided; throws what went wrong with it. */
  async settled(): Promise<void> {
    await this.last;
    if (this.failures.length > 0) throw new AggregateError(this.failures, 'not decided');
  }

  ping(): Promise<void> {
    return this.isAway ? Promise.reject(new BusUnavailableError('away')) : Promise.resolve();
  }

  ensureTopic(): Promise<void> {
    return Promise.resolve();
  }

  incarnation(): Promise<number> {
    return Promise.resolve(1);
  }

  ends(): Promise<readonly PartitionEnd[]> {
    return Promise.resolve([]);
  }

  committed(): Promise<ReadonlyMap<number, number>> {
    return Promise.resolve(new Map());
  }

  moveGroup(): Promise<void> {
    return Promise.reject(new Error('nobody consumes here'));
  }

  consume(): Promise<Consumption> {
    return Promise.reject(new Error('nobody consumes here'));
  }

  readRange(): Promise<void> {
    return Promise.reject(new Error('nobody reads here'));
  }

  silentForMs(): number {
    return 0;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function decoded({ key, headers, value }: BusRecord): CommandEnvelope {
  const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const);
  const envelope = decodeCommand({
    key: Buffer.from(key),
    headers: Object.fromEntries(bytes),
    value,
  });
  if (!envelope.ok) throw new Error(`not a command: ${JSON.stringify(envelope.problems)}`);
  return envelope.value;
}
