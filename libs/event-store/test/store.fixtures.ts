import { createHash, randomUUID } from 'node:crypto';
import { createTestDatabase } from '@parley/testing';
import {
  type Event,
  type ReadModel,
  type ReadModelVersion,
  type Recorded,
} from '@parley/event-sourcing';
import pg from 'pg';
import { EventStore, type EventStoreOptions } from '../src/event-store.js';
import { type LogTransaction } from '../src/log/log-transaction.js';
import { initializeLog, migrateTenantDatabase } from '../src/migrations/tenant-migrations.js';

export interface BoxRow {
  readonly stream_id: string;
  readonly label: string;
  readonly things: number;
  readonly meta: unknown;
  readonly updated_at: bigint;
}

export interface ThingRow {
  readonly stream_id: string;
  readonly thing_id: string;
  readonly content: string;
  readonly hash: string;
  readonly is_new: boolean;
  readonly position: number;
  readonly occurred_at: bigint;
  readonly note: string | null;
}

export type Opened = Event<'BoxOpened', { label: string; meta: unknown }>;
export type Added = Event<'ThingAdded', { id: string; content: string }>;
export type Removed = Event<'ThingRemoved', { id: string }>;
export type Deleted = Event<'ConversationDeleted', { digests: string[] }>;
export type BoxEvent = Opened | Added | Removed | Deleted;

export const sha = (text: string) => createHash('sha256').update(text).digest('hex');

export const boxes: ReadModel<BoxRow, BoxEvent> = {
  table: 'boxes',
  columns: {
    stream_id: { kind: 'uuid' },
    label: { kind: 'text' },
    things: { kind: 'integer' },
    meta: { kind: 'json' },
    updated_at: { kind: 'timestamp' },
  },
  unique: [['label']],
  touches: (recorded) => (recorded.event.type === 'ConversationDeleted' ? 'all' : ['']),
  project: (row, { streamId, recordedAt, event }) => {
    if (event.type === 'ConversationDeleted') return null;
    const { label, meta } = event.type === 'BoxOpened' ? event.data : row!;
    const step = { BoxOpened: 0, ThingAdded: 1, ThingRemoved: -1 }[event.type];
    const things = (row?.things ?? 0) + step;
    return { stream_id: streamId, label, things, meta, updated_at: BigInt(recordedAt) };
  },
};

export const things: ReadModel<ThingRow, BoxEvent> = {
  table: 'things',
  columns: {
    stream_id: { kind: 'uuid' },
    thing_id: { kind: 'text' },
    content: { kind: 'text' },
    hash: { kind: 'sha256' },
    is_new: { kind: 'boolean' },
    position: { kind: 'bigint' },
    occurred_at: { kind: 'timestamp' },
    note: { kind: 'text', nullable: true },
  },
  item: 'thing_id',
  indexes: [['thing_id']],
  touches: ({ event }) => {
    if (event.type === 'ConversationDeleted') return 'all';
    return event.type === 'BoxOpened' ? [] : [event.data.id];
  },
  project: (row, recorded, item) => {
    if (recorded.event.type !== 'ThingAdded') return null;
    const { content } = recorded.event.data;
    return {
      stream_id: recorded.streamId,
      thing_id: item,
      content,
      hash: sha(content),
      is_new: row === null,
      position: recorded.position,
      occurred_at: recorded.occurredAt,
      note: row ? row.content : null,
    };
  },
};

export const models: readonly ReadModelVersion[] = [
  {
    version: 1,
    models: [boxes, things],
    events: ['BoxOpened', 'ThingAdded', 'ThingRemoved', 'ConversationDeleted'],
  },
];

/** The same as of the next version, which also counts the characters of a thing. */
export const nextModels: readonly ReadModelVersion[] = [
  {
    ...models[0]!,
    version: 2,
    models: [
      boxes,
      {
        ...things,
        columns: { ...things.columns, size: { kind: 'integer', nullable: true } },
        project: (row, recorded, item) => {
          const thing = things.project(row as ThingRow | null, recorded as never, item);
          return thing && { ...thing, size: thing.content.length };
        },
      } as ReadModel,
    ],
  },
  ...models,
];

export interface TestTenant {
  readonly url: string;
  /** The superuser. */
  readonly admin: pg.Pool;
  /** A login role in parley_app, as services connect. */
  readonly app: pg.Pool;
  readonly store: EventStore;
  drop(): Promise<void>;
}

/** A tenant's database as tenancy makes it, and connections as the superuser and as the runtime role. */
export async function createTenant(options: EventStoreOptions = {}): Promise<TestTenant> {
  const database = await createTestDatabase();
  await migrateTenantDatabase(database.url, models);
  const admin = new pg.Pool({ connectionString: database.url, max: 4 });
  const role = `test_${randomUUID().replaceAll('-', '')}`;
  const client = await admin.connect();
  await initializeLog(client);
  await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'test' IN ROLE parley_app`);
  client.release();
  const appUrl = new URL(database.url);
  appUrl.username = role;
  appUrl.password = 'test';
  const app = new pg.Pool({ connectionString: appUrl.href, max: 12 });
  for (const pool of [admin, app]) pool.on('error', () => undefined);
  return {
    url: database.url,
    admin,
    app,
    store: new EventStore(app, models, options),
    drop: async () => {
      await app.end();
      await admin.query(`DROP OWNED BY ${role}`);
      await admin.query(`DROP ROLE ${role}`);
      await admin.end();
      await database.drop();
    },
  };
}

/** Appends one event. */
export function append<E extends BoxEvent>(
  tx: LogTransaction,
  streamId: string,
  streamVersion: number,
  event: E,
): Recorded<E> {
  return tx.append({
    streamId,
    streamVersion,
    event,
    occurredAt: 1_700_000_000_000_000n + BigInt(streamVersion),
    contentHash: sha(JSON.stringify(event.data)),
    subject: streamId,
    source: { door: 'http' },
  });
}

export const opened = (label: string): Opened => ({
  type: 'BoxOpened',
  data: { label, meta: { of: label } },
});
export const added = (id: string, content = `content of ${id}`): Added => ({
  type: 'ThingAdded',
  data: { id, content },
});

/** Opens a box with `count` things, in one transaction; answers its stream id. */
export async function fillBox(store: EventStore, label: string, count: number): Promise<string> {
  const streamId = randomUUID();
  await store.transact('interactive', async (tx) => {
    append(tx, streamId, 1, opened(label));
    for (let i = 1; i <= count; i++) append(tx, streamId, i + 1, added(`thing-${i}`));
  });
  return streamId;
}

/** Deletes a box and everything in it. */
export async function deleteBox(store: EventStore, streamId: string, version: number) {
  await store.transact('interactive', async (tx) => {
    await tx.rows.load(boxes, [{ stream_id: streamId, item: '' }]);
    append(tx, streamId, version, { type: 'ConversationDeleted', data: { digests: [] } });
    tx.eraseStream(streamId, [{ agent_id: 'agent', conversation_id: streamId }]);
  });
}
