import {
  addAuditEvent,
  alone,
  createSearchIndexes,
  createSearchTables,
  inTransaction,
  REBUILT_SEARCH_SCHEMA,
  SEARCH_SCHEMA,
} from '@parley/event-store';
import { DomainError } from '@parley/event-sourcing';
import type pg from 'pg';
import { followSearch } from './follow-search.js';

/** A tenant's database: `pool` is its runtime role's, `adminUrl` an administrator's; `actor` is for the audit. */
export interface SearchRebuild {
  readonly pool: pg.Pool;
  readonly adminUrl: string;
  readonly actor: string;
  readonly signal?: AbortSignal;
}

/** What a rebuild has indexed, and how long that took. */
export interface SearchRebuildResult {
  readonly position: number;
  readonly texts: number;
  readonly seconds: number;
}

const NEVER = new AbortController().signal;
const LOCK_NOT_AVAILABLE = '55P03';
const ATTEMPTS = 50;
const OLD = `${SEARCH_SCHEMA}_old`;

/**
 * Builds the search index anew from the log, beside the one that is searched and filled meanwhile, and puts it in its
 * place. One that was interrupted begins again. Throws `DomainError` `rebuild/under-way` or `rebuild/behind`.
 */
export function rebuildSearch(request: SearchRebuild): Promise<SearchRebuildResult> {
  return alone(request.adminUrl, async (client) => {
    const start = performance.now();
    await inTransaction(client, async () => {
      await dropRebuilt(client);
      await createSearchTables(client, REBUILT_SEARCH_SCHEMA);
    });
    await follow(request);
    // Indexes are made much faster of what is there already.
    await inTransaction(client, () => createSearchIndexes(client, REBUILT_SEARCH_SCHEMA));
    const position = await replace(client, request);
    const texts = await countTexts(client);
    const seconds = (performance.now() - start) / 1000;
    return { position, texts, seconds };
  });
}

async function follow({ pool, signal = NEVER }: SearchRebuild): Promise<void> {
  await followSearch(pool, signal, { schema: REBUILT_SEARCH_SCHEMA });
  signal.throwIfAborted();
}

/** Whoever fills the other one learns by its lease that it is gone, and takes a new one. */
async function replace(client: pg.Client, request: SearchRebuild): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    await follow(request);
    const position = await inTransaction(client, () => takePlace(client, request.actor)).catch(
      (error: unknown) => {
        if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
        return null;
      },
    );
    if (position !== null) return position;
  }
  throw new DomainError(
    'rebuild/behind',
    'the index is written and searched too much to be replaced: try again at a quieter time',
  );
}

/** The position that is reached; null where the other index has got further meanwhile. */
async function takePlace(client: pg.Client, actor: string): Promise<number | null> {
  // Searches under way keep it waiting, and it keeps deletions waiting.
  await client.query(`SET LOCAL lock_timeout = '300ms'`);
  const { rows } = await client.query<{ name: string; position: string }>(
    `SELECT name, position FROM log_followers WHERE name = ANY($1) ORDER BY name FOR UPDATE`,
    [[SEARCH_SCHEMA, REBUILT_SEARCH_SCHEMA]],
  );
  const [live, rebuilt] = rows.map((row) => Number(row.position));
  if (live === undefined || rebuilt === undefined || rebuilt < live) return null;
  await client.query(`ALTER SCHEMA ${SEARCH_SCHEMA} RENAME TO ${OLD}`);
  await client.query(`ALTER SCHEMA ${REBUILT_SEARCH_SCHEMA} RENAME TO ${SEARCH_SCHEMA}`);
  await client.query(`DROP SCHEMA ${OLD} CASCADE`);
  await client.query('DELETE FROM log_followers WHERE name = $1', [REBUILT_SEARCH_SCHEMA]);
  await client.query(
    `UPDATE log_followers SET position = $2, fence = fence + 1, leased_until = '-infinity' WHERE name = $1`,
    [SEARCH_SCHEMA, rebuilt],
  );
  const details = { position: rebuilt };
  await addAuditEvent(client, { actor, action: 'search.rebuild', subject: SEARCH_SCHEMA, details });
  return rebuilt;
}

async function dropRebuilt(client: pg.Client): Promise<void> {
  await client.query('DELETE FROM log_followers WHERE name = $1', [REBUILT_SEARCH_SCHEMA]);
  await client.query(`DROP SCHEMA IF EXISTS ${REBUILT_SEARCH_SCHEMA} CASCADE`);
}

async function countTexts(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ texts: string }>(
    `SELECT count(*) AS texts FROM ${SEARCH_SCHEMA}.texts`,
  );
  return Number(rows[0]?.texts);
}
