import { randomUUID } from 'node:crypto';
import {
  COMMANDS_TOPIC,
  encodeCommand,
  type IngestionCommand,
  type MessageFields,
} from '@parley/contracts';
import { type Bus } from '@parley/messaging';

/** Messages of a conversation, and conversations that are open at a time. */
const MESSAGES = 20;
const OPEN_AT_ONCE = 100;
const PUBLISHED_AT_ONCE = 500;
const TEXT = 'I would like to know where my order is, and whether it can still be changed. ';

/** The text of a message, so that its record has about 1 KB. */
export function sampleContent(): string {
  return TEXT.repeat(10).slice(0, 760);
}

/**
 * Publishes conversations of 20 messages of 1 KB each, 100 of them interleaved; answers how many commands. The names
 * of conversations count from `from` on.
 */
export async function publishSamples(
  bus: Bus,
  tenant: string,
  messages: number,
  from = 0,
): Promise<number> {
  const end = from + Math.ceil(messages / MESSAGES);
  let batch: IngestionCommand[] = [];
  let published = 0;
  const flush = async () => {
    await bus.publish(
      COMMANDS_TOPIC,
      batch.map((command) => recordOf(tenant, command)),
    );
    published += batch.length;
    batch = [];
  };
  for (let first = from; first < end; first += OPEN_AT_ONCE) {
    for (const command of interleaved(first, Math.min(first + OPEN_AT_ONCE, end))) {
      batch.push(command);
      if (batch.length === PUBLISHED_AT_ONCE) await flush();
    }
  }
  await flush();
  return published;
}

function* interleaved(from: number, to: number): Generator<IngestionCommand> {
  for (let conversation = from; conversation < to; conversation += 1) yield header(conversation);
  for (let message = 0; message < MESSAGES; message += 1) {
    for (let conversation = from; conversation < to; conversation += 1) {
      yield recordMessage(conversation, message);
    }
  }
}

function header(conversation: number): IngestionCommand {
  return {
    type: 'RecordConversation',
    data: {
      conversation_id: `bench-${conversation}`,
      agent_id: 'support_bot',
      mode: 'merge',
      header: { timestamp: '2026-01-15T10:30:00.123Z', is_resolved: false, csat_score: 4.5 },
      messages: [],
    },
  };
}

function recordMessage(conversation: number, message: number): IngestionCommand {
  return {
    type: 'RecordMessage',
    data: {
      conversation_id: `bench-${conversation}`,
      message: sampleMessage(conversation, message),
    },
  };
}

/** A message of 1 KB. */
export function sampleMessage(conversation: number, message: number): MessageFields {
  return {
    message_id: `msg-${message}`,
    role: message % 2 === 0 ? 'customer' : 'agent',
    sender_id: `customer-${conversation % 977}`,
    content: sampleContent(),
    timestamp: `2026-01-15T10:31:${String(message % 60).padStart(2, '0')}.456Z`,
    logs: [{ name: 'lookup', content: 'order found' }],
  };
}

function recordOf(tenant: string, command: IngestionCommand) {
  return encodeCommand({
    command_id: randomUUID(),
    attempt_id: randomUUID(),
    tenant,
    door: 'http',
    command,
    warnings: [],
    source: {},
  });
}
