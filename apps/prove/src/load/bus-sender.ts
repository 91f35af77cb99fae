import { randomUUID } from 'node:crypto';
import { COMMANDS_TOPIC, encodeCommand, type IngestionCommand } from '@parley/contracts';
import { type ProvenTenant, type World } from '../world/world.js';
import { type Reply } from './client.js';
import { type What } from './load.js';

/** Publishes what a gateway would, also while no gateway can ask the tenant's database anything; answers 202. */
export function busSender({ installation }: World, { id }: ProvenTenant) {
  return async (what: What): Promise<Reply> => {
    const ids = { command_id: randomUUID(), attempt_id: randomUUID() };
    const about = { ...ids, tenant: id, door: 'http', warnings: [], source: {} } as const;
    const record = encodeCommand({ ...about, command: commandOf(what) });
    const isDurable = await installation.bus.publish(COMMANDS_TOPIC, [record]).then(
      () => true,
      () => false,
    );
    return { status: isDurable ? 202 : null, retryAfter: null, text: '', headers: null };
  };
}

function commandOf({ conversation, message, content }: What): IngestionCommand {
  if (message === null) {
    const header = { timestamp: '2026-01-15T10:30:00Z', is_resolved: false };
    return {
      type: 'RecordConversation',
      data: {
        ...{ conversation_id: conversation, agent_id: 'support_bot' },
        ...{ mode: 'merge', header, messages: [] },
      },
    };
  }
  return {
    type: 'RecordMessage',
    data: {
      conversation_id: conversation,
      message: {
        ...{ message_id: message, role: 'customer', sender_id: 'customer_123', content },
        timestamp: '2026-01-15T10:31:00Z',
      },
    },
  };
}
