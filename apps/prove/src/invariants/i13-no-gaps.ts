import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { readModels } from '@parley/domain';
import { EventStore } from '@parley/event-store';
import pg from 'pg';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { type Random } from '../nemesis/random.js';
import { type Stage } from '../stage.js';
import { type ProvenTenant } from '../world/world.js';

const WRITERS = 16;
const LASTS_MS = 4_000;
const ROLLED_BACK = 0.05;

/** The versions that the database knows, without a table to change. */
const NO_TABLES = readModels.map((version) => ({ ...version, models: [] }));

interface Writing {
  committed: number;
  isOver: boolean;
}

/** Who follows the log from its last position misses nothing, though 16 write at once; the naive way does, in the same run. */
export const i13: Invariant = {
  id: 'I13',
  promise: 'a reader of the log that goes on from its last position misses no committed event',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const ours = await followLog(stage, tenant);
    const naive = await followSequence(stage, tenant);
    const figures = { ...ours, naive_committed: naive.committed, naive_missed: naive.missed };
    return {
      figures,
      broken: [
        ...allZero(figures, 'missed', 'dup'),
        // Without it nobody would know that the writers were rough enough.
        ...atLeast(figures, { committed: 50, naive_missed: 1 }),
      ],
    };
  },
};

async function followLog({ world, random }: Stage, { id }: ProvenTenant) {
  const pool = new pg.Pool({ connectionString: world.postgres.urlOf(id), max: WRITERS + 2 });
  const store = new EventStore(pool, NO_TABLES);
  const writing = writers(random, () =>
    store.transact(
      'interactive',
      async (tx) => {
        tx.append(someEvent(tx.now));
        await pause(random);
      },
      AbortSignal.timeout(60_000),
    ),
  );
  const seen: number[] = [];
  await follow(writing, async () => {
    const events = await store.readFrom(seen.at(-1) ?? 0, 500);
    seen.push(...events.map(({ position }) => position));
    return events.length;
  });
  await pool.end();
  const distinct = new Set(seen).size;
  const { committed } = writing.state;
  return { committed, missed: committed - distinct, dup: seen.length - distinct };
}

/** The same writers on a table with a sequence, and a reader that goes on from the last number it has seen. */
async function followSequence({ world, random }: Stage, { id }: ProvenTenant) {
  const pool = new pg.Pool({ connectionString: world.postgres.urlOf(id), max: WRITERS + 2 });
  await pool.query('CREATE TABLE naive_events (id bigserial PRIMARY KEY)');
  const writing = writers(random, () => insertNaively(pool, random));
  let last = 0;
  let seen = 0;
  await follow(writing, async () => {
    const sql = 'SELECT id::float8 AS id FROM naive_events WHERE id > $1 ORDER BY id LIMIT 500';
    const { rows } = await pool.query<{ id: number }>(sql, [last]);
    last = rows.at(-1)?.id ?? last;
    seen += rows.length;
    return rows.length;
  });
  await pool.end();
  return { committed: writing.state.committed, missed: writing.state.committed - seen };
}

async function insertNaively(pool: pg.Pool, random: Random): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN; INSERT INTO naive_events DEFAULT VALUES');
    await pause(random);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

class RolledBack extends Error {}

/** Holds a transaction open for a moment, or has it rolled back. */
async function pause(random: Random): Promise<void> {
  await delay(random.between(0, 8));
  if (random.next() < ROLLED_BACK) throw new RolledBack();
}

function writers(random: Random, write: () => Promise<void>) {
  const state: Writing = { committed: 0, isOver: false };
  const until = performance.now() + LASTS_MS;
  const one = async () => {
    while (performance.now() < until) {
      await write().then(
        () => (state.committed += 1),
        (error: unknown) => {
          const isTimeout = (error as { code?: unknown }).code === '55P03';
          if (!(error instanceof RolledBack) && !isTimeout) throw error;
        },
      );
      await delay(random.between(0, 4));
    }
  };
  const done = Promise.all(Array.from({ length: WRITERS }, one)).then(() => (state.isOver = true));
  return { state, done };
}

/** Reads until the writers are through and nothing new comes. */
async function follow(
  { state, done }: { readonly state: Writing; readonly done: Promise<unknown> },
  read: () => Promise<number>,
): Promise<void> {
  for (;;) {
    const wasOver = state.isOver;
    if ((await read()) === 0 && wasOver) break;
    await delay(1);
  }
  await done;
}

function someEvent(now: number) {
  return {
    streamId: randomUUID(),
    streamVersion: 1,
    event: { type: 'ConversationOpened', data: {} },
    occurredAt: BigInt(now),
    contentHash: null,
    subject: randomUUID(),
    source: { door: 'proof' },
  } as const;
}
