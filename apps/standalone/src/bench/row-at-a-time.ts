import { randomUUID } from 'node:crypto';
import { databaseUrl } from '@parley/tenancy';
import { DataSource, EntitySchema } from 'typeorm';
import { type BenchInstallation } from './bench-installation.js';
import { sampleMessage } from './sample-commands.js';

interface EventRow {
  readonly position: number;
  readonly stream_id: string;
  readonly type: string;
  readonly occurred_at: Date;
  readonly body: object;
}

interface MessageRow {
  readonly stream_id: string;
  readonly message_id: string;
  readonly sender_id: string;
  readonly sent_at: Date;
  readonly fields: object;
}

const EVENTS = new EntitySchema<EventRow>({
  name: 'saved_events',
  columns: {
    position: { type: 'bigint', primary: true },
    stream_id: { type: 'uuid' },
    type: { type: 'text' },
    occurred_at: { type: 'timestamptz' },
    body: { type: 'json' },
  },
});
const MESSAGES = new EntitySchema<MessageRow>({
  name: 'saved_messages',
  columns: {
    stream_id: { type: 'uuid', primary: true },
    message_id: { type: 'text', primary: true },
    sender_id: { type: 'text' },
    sent_at: { type: 'timestamptz' },
    fields: { type: 'json' },
  },
});

/**
 * Messages per second of the usual way: TypeORM's `save` of a log row and a read-model row, in a transaction for each
 * message; no validation, hash chain, receipts or offsets.
 */
export async function savedPerSecond(
  installation: BenchInstallation,
  messages: number,
): Promise<number> {
  const url = databaseUrl(installation.adminUrl, await installation.newTenant()).href;
  const source = new DataSource({ type: 'postgres', url, entities: [EVENTS, MESSAGES] });
  await source.initialize();
  try {
    await source.synchronize();
    const start = performance.now();
    for (let position = 1; position <= messages; position += 1) await save(source, position);
    return (messages * 1000) / (performance.now() - start);
  } finally {
    await source.destroy();
  }
}

async function save(source: DataSource, position: number): Promise<void> {
  const fields = sampleMessage(position, position);
  const stream_id = randomUUID();
  const { message_id, sender_id } = fields;
  const sent_at = new Date(fields.timestamp);
  const event = { position, stream_id, type: 'MessageRecorded', occurred_at: sent_at };
  await source.transaction(async (tx) => {
    await tx.save(EVENTS, { ...event, body: { message: fields } });
    await tx.save(MESSAGES, { stream_id, message_id, sender_id, sent_at, fields });
  });
}
