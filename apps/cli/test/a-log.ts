import { randomUUID } from 'node:crypto';
import { clockVersion, type ConversationOpened } from '@parley/contracts';
import { readModels } from '@parley/domain';
import { EventStore } from '@parley/event-store';
import type pg from 'pg';

/** Opens `count` conversations in the log of a tenant. */
export async function openConversations(pool: pg.Pool, count: number): Promise<void> {
  const store = new EventStore(pool, readModels);
  await store.transact('interactive', async (tx) => {
    for (let n = 1; n <= count; n += 1) {
      const hash = n.toString(16).padStart(64, '0');
      const streamId = randomUUID();
      tx.append({
        streamId,
        streamVersion: 1,
        event: opened(n, hash, clockVersion(tx.now)),
        occurredAt: BigInt(tx.now),
        contentHash: hash,
        subject: streamId,
        source: {},
      });
    }
  });
}

function opened(n: number, hash: string, version: string): ConversationOpened {
  return {
    type: 'ConversationOpened',
    data: {
      agent_id: 'support_bot',
      conversation_id: `conv_${n}`,
      door: 'http',
      hash,
      version,
      header: { timestamp: '2026-01-15T10:30:00Z', is_resolved: false },
    },
  };
}
