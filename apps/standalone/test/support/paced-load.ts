import { randomUUID } from 'node:crypto';
import { COMMANDS_TOPIC, encodeCommand, type IngestionCommand } from '@parley/contracts';
import { type Bus } from '@parley/messaging';
import { eventually } from '@parley/testing';
import { type Acknowledged } from './check-log.js';

/** Sends one message of a conversation once; answers whether it is acknowledged. `n` counts from 0, which opens it. */
export type Send = (conversation: string, n: number) => Promise<boolean>;

/** Resolves at that time of `performance.now()`. */
export const until = (due: number) =>
  eventually(() => performance.now() >= due, { timeoutMs: 600_000 });

/**
 * Writers at a steady pace, whatever the answers: each has a conversation of its own and sends in order. How late a
 * message is counts from when it was due, so that one slow answer is not hidden by the sends that it held up.
 */
export class PacedLoad {
  readonly acknowledged: Acknowledged[] = [];
  readonly lateMs: number[] = [];
  private isOver = false;
  private readonly writers: readonly Promise<void>[];

  constructor(
    private readonly send: Send,
    { writers, everyMs }: { readonly writers: number; readonly everyMs: number },
  ) {
    this.writers = Array.from({ length: writers }, (_, writer) =>
      this.write(`writer-${writer}`, everyMs, (everyMs * writer) / writers),
    );
  }

  /** Resolves when everything that was begun is acknowledged; what is not within a minute makes it reject. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.writers);
  }

  private async write(conversation: string, everyMs: number, offset: number): Promise<void> {
    const start = performance.now() + offset;
    for (let n = 0; !this.isOver; n++) {
      const due = start + n * everyMs;
      await until(due);
      await eventually(() => this.send(conversation, n), { timeoutMs: 60_000 });
      this.lateMs.push(performance.now() - due);
      if (n > 0) this.acknowledged.push({ conversation, message: messageId(n) });
    }
  }
}

/** The share of the values that lie below it. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** By HTTP; only 200 will do, for it comes when the message is in the log. */
export function byHttp(url: string, key: string): Send {
  return async (conversation_id, n) => {
    const timestamp = '2026-01-15T10:30:00Z';
    const [path, body] =
      n === 0
        ? ['conversations', { conversation_id, agent: 'bot', timestamp, is_resolved: false }]
        : ['messages', { conversation_id, ...messageFields(n) }];
    const headers = { 'content-type': 'application/json', 'x-api-key': key };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${url}/api/${path}`, request).catch(() => null);
    await answer?.arrayBuffer().catch(() => null);
    return answer?.status === 200;
  };
}

/** Onto the bus, as a door would but without a word to the tenant's database. */
export function byBus(bus: Bus, tenant: string): Send {
  return async (conversation_id, n) => {
    const record = encodeCommand({
      ...{ command_id: randomUUID(), attempt_id: randomUUID(), tenant, door: 'http' },
      ...{ warnings: [], source: {}, command: commandOf(conversation_id, n) },
    });
    return bus.publish(COMMANDS_TOPIC, [record]).then(
      () => true,
      () => false,
    );
  };
}

function commandOf(conversation_id: string, n: number): IngestionCommand {
  if (n > 0) return { type: 'RecordMessage', data: { conversation_id, message: messageFields(n) } };
  const header = { timestamp: '2026-01-15T10:30:00Z', is_resolved: false };
  const data = { conversation_id, agent_id: 'bot', mode: 'merge' as const, header, messages: [] };
  return { type: 'RecordConversation', data };
}

function messageFields(n: number) {
  return {
    ...{ message_id: messageId(n), role: 'customer' as const, sender_id: 'customer_123' },
    ...{ content: `message ${n}`, timestamp: '2026-01-15T10:31:00Z' },
  };
}

const messageId = (n: number) => `message-${n}`;
