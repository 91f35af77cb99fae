import { type ConversationEvent, CONVERSATION_EVENT_TYPES } from '@parley/contracts';
import {
  type FollowerLease,
  followLog,
  LogFollower,
  type RawEvent,
  readHead,
  readRaw,
  SEARCH_SCHEMA,
  UnknownEventError,
  withTransaction,
} from '@parley/event-store';
import { type Pool } from 'pg';
import { type DetectConfiguration, loadDetection } from '../language/detect-language.js';
import { BatchFold, type Languages, type PlacedEvent } from './batch-fold.js';
import { readStates, writeBatch } from './write-batch.js';

/** How an index is brought up to the log. */
export interface FollowSearchOptions {
  /** Another index than the one that is served. */
  readonly schema?: typeof SEARCH_SCHEMA | `${typeof SEARCH_SCHEMA}_${string}`;
  /** Waited for after each batch but the last, told how long that took: whoever is in more of a hurry goes first. */
  readonly rest?: (tookMs: number) => Promise<void>;
}

// Events of one transaction, which a deletion may have to wait for.
const AT_ONCE = { events: 250, bytes: 512 * 1024 };

// What a crash takes is made again from the log.
const BEGIN = 'BEGIN; SET LOCAL synchronous_commit = off; SET LOCAL jit = off';

const AVAILABLE = `SELECT cfgname AS name FROM pg_ts_config WHERE cfgnamespace = 'search'::regnamespace`;

let detection: Promise<DetectConfiguration> | undefined;

/**
 * Brings a tenant's search index up to its log, until `signal` fires or the end is reached; answers whether it was,
 * false while another process is at it. Throws `UnknownEventError` where the log is ahead of this code.
 */
export async function followSearch(
  pool: Pool,
  signal: AbortSignal,
  { schema = SEARCH_SCHEMA, rest }: FollowSearchOptions = {},
): Promise<boolean> {
  const step = async (lease: FollowerLease, position: number) => {
    const start = performance.now();
    const events = await readRaw(pool, position, AT_ONCE);
    const last = events.at(-1);
    if (!last) return position;
    const isMoved = await indexEvents({ pool, schema, lease }, events);
    if (!isMoved) return null;
    if (rest && last.position < (await readHead(pool))) await rest(performance.now() - start);
    return last.position;
  };
  return followLog(new LogFollower(pool, schema), step, signal);
}

interface Place {
  readonly pool: Pool;
  readonly schema: NonNullable<FollowSearchOptions['schema']>;
  readonly lease: FollowerLease;
}

async function indexEvents(
  { pool, schema, lease }: Place,
  events: readonly RawEvent[],
): Promise<boolean> {
  const placed = events.flatMap(readable);
  const streams = new Set(placed.map(({ streamId }) => streamId));
  // Nobody but whoever has the lease changes them.
  const fold = new BatchFold(await readStates(pool, schema, streams), await languages(pool));
  for (const event of placed) fold.apply(event);
  return withTransaction(pool, BEGIN, async (client) => {
    const follower = new LogFollower(client, schema);
    const isMoved = await follower.advance(lease, events.at(-1)?.position ?? 0);
    if (isMoved) await writeBatch(client, schema, fold);
    return isMoved;
  });
}

function readable({ position, streamId, type, body }: RawEvent): PlacedEvent[] {
  if (!CONVERSATION_EVENT_TYPES.includes(type)) throw new UnknownEventError(position, type);
  if (body === null) return [];
  const event = { type, data: JSON.parse(body.toString('utf8')) as unknown } as ConversationEvent;
  return [{ position, streamId, event }];
}

async function languages(pool: Pool): Promise<Languages> {
  const { rows } = await pool.query<{ name: string }>(AVAILABLE);
  const available = new Set(rows.map(({ name }) => name));
  return { available, detect: await (detection ??= loadDetection()) };
}
