import { type RecordConversation, s3Version } from '@parley/contracts';
import { type InProcess } from './in-process.js';

const MINUTE_MICROS = 60_000_000;

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes to one conversation whatever can happen to it: first by HTTP alone, so that it can move, then by S3 too. */
export class RandomHistory {
  private agent = 'a0';
  private readonly random: () => number;

  constructor(
    private readonly parley: InProcess,
    private readonly id: string,
    seed: number,
  ) {
    this.random = seeded(seed);
  }

  open(): Promise<unknown> {
    return this.parley.post('conversations', this.header());
  }

  /** One more write by HTTP: a header, a message, or the conversation goes to another agent. */
  async writeByHttp(): Promise<void> {
    const kind = this.random();
    if (kind < 0.05) this.agent = `a${this.below(4)}`;
    if (kind < 0.3) await this.parley.post('conversations', this.header());
    else await this.parley.post('messages', { ...this.message(), conversation_id: this.id });
  }

  /** One more record of S3, of any age; every fourth is delivered twice. */
  async writeByS3(): Promise<void> {
    const { conversation_id, agent: agent_id, ...header } = this.header();
    const messages = Array.from({ length: this.below(6) }, () => this.message());
    const byId = new Map(messages.map((message) => [message.message_id, message]));
    const data = {
      conversation_id,
      agent_id,
      mode: 'replace',
      header,
      messages: [...byId.values()],
    };
    const command = { type: 'RecordConversation', data } as RecordConversation;
    const modified = Date.now() * 1000 + (this.below(240) - 120) * MINUTE_MICROS;
    const version = s3Version(modified, 'bucket', 'key.json', this.below(10));
    await this.parley.send({ command, door: 's3', version }, this.below(4) === 0 ? 2 : 1);
  }

  private header() {
    return {
      conversation_id: this.id,
      agent: this.agent,
      timestamp: '2024-01-15T10:30:00Z',
      is_resolved: this.below(2) === 1,
      csat_score: this.below(6),
      ...(this.below(3) === 0 && { user_data: { plan: `p${this.below(3)}`, tags: ['x', 'y'] } }),
    };
  }

  private message() {
    const fraction = this.below(2) === 0 ? '' : `.00000000${this.below(3)}`;
    return {
      message_id: `m${this.below(40)}`,
      role: 'customer',
      sender_id: 'customer_123',
      content: `content ${this.below(3)}`,
      timestamp: `2024-01-15T10:31:0${this.below(3)}${fraction}Z`,
      ...(this.below(3) === 0 && { logs: [{ name: 'step', content: `${this.below(2)}` }] }),
    };
  }

  private below(count: number): number {
    return Math.floor(this.random() * count);
  }
}
