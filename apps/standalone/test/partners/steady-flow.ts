import { readActiveSchema } from '@parley/event-store';
import { eventually } from '@parley/testing';
import { type Producer } from 'kafkajs';
import { type PartnerTenant } from './partner-tenant.js';

const AT_ONCE = 25;
const EVERY_MS = 50;
const LOOK_EVERY_MS = 10;
const CONVERSATIONS = 50;
const AGENT = 'agent_0';

/** Milliseconds. */
export interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Good records at a steady pace, each timed from its broker's word to when it can be read. */
export class SteadyFlow {
  private readonly acknowledged = new Map<string, number>();
  private readonly readable = new Map<string, number>();

  /** `name` tells its records from those of other flows to the same topic. */
  constructor(
    private readonly name: string,
    private readonly producer: Producer,
    private readonly tenant: Pick<PartnerTenant, 'topic' | 'pool'>,
  ) {}

  /** Sends `count` messages, 500 a second; `between` is called now and then, with how many have been sent. */
  async run(count: number, between: (sent: number) => void): Promise<void> {
    await this.send(Array.from({ length: CONVERSATIONS }, (_, n) => conversation(n)));
    const watching = this.watch(count);
    const begun = performance.now();
    for (let sent = 0; sent < count; sent += AT_ONCE) {
      const due = begun + (sent / AT_ONCE) * EVERY_MS;
      await eventually(() => performance.now() >= due, { intervalMs: 5 });
      const ids = Array.from({ length: AT_ONCE }, (_, n) => `${this.name} ${sent + n}`);
      await this.send(ids.map((id, n) => message((sent + n) % CONVERSATIONS, id)));
      const now = performance.now();
      ids.forEach((id) => this.acknowledged.set(id, now));
      between(sent);
    }
    await watching;
  }

  /** Milliseconds from acknowledged to readable. */
  delays(): Delays {
    const all = Array.from(this.acknowledged, ([id, at]) => this.readable.get(id)! - at);
    const sorted = all.map((ms) => Math.max(0, Math.round(ms))).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]!;
    return { p50: at(0.5), p99: at(0.99), max: at(1) };
  }

  private async send(values: readonly object[]): Promise<void> {
    const messages = values.map((value, n) => ({ key: `key ${n}`, value: JSON.stringify(value) }));
    await this.producer.send({ topic: this.tenant.topic, messages });
  }

  /** Looks every few milliseconds what can be read by now, until all of it can. */
  private async watch(count: number): Promise<void> {
    const { name } = await readActiveSchema(this.tenant.pool);
    const sql = `SELECT message_id, position FROM ${name}.messages
      WHERE position > $1 AND starts_with(message_id, $2) ORDER BY position`;
    let position = '0';
    const look = async () => {
      const { rows } = await this.tenant.pool.query<{ message_id: string; position: string }>(sql, [
        position,
        this.name,
      ]);
      const now = performance.now();
      rows.forEach(({ message_id }) => this.readable.set(message_id, now));
      position = rows.at(-1)?.position ?? position;
      return this.readable.size === count;
    };
    await eventually(look, { timeoutMs: 120_000, intervalMs: LOOK_EVERY_MS });
  }
}

function conversation(n: number): object {
  const header = { timestamp: '2024-01-15T10:30:00Z', is_resolved: false };
  return { conversation_id: `c${n}`, agent_id: AGENT, ...header };
}

function message(n: number, message_id: string): object {
  return {
    ...{ message_id, conversation_id: `c${n}`, agent_id: AGENT, role: 'customer' },
    ...{ sender_id: 's', content: 'x'.repeat(400), timestamp: '2024-01-15T10:31:00Z' },
  };
}
