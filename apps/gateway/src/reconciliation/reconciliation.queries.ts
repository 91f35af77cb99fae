import {
  ActiveReads,
  type Digest,
  readDigest,
  readHead,
  type RowsQuery,
} from '@parley/event-store';
import { TenantDatabases } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { type ManifestLine } from './manifest-line.js';

/** What the read models have where a line of a manifest points. */
export interface StoredHash {
  readonly stream_id: string | null;
  /** Null where there is no such record. */
  readonly hash: string | null;
  /** Of the last event of the message; for a header, of its conversation. */
  readonly position: number | null;
}

/** A message that is there. */
export interface StoredMessageHash {
  readonly stream_id: string;
  readonly agent_id: string;
  readonly conversation_id: string;
  readonly message_id: string;
  readonly position: number;
  readonly hash: string;
}

const PAGE = 5000;
const STREAMS_AT_ONCE = 100;

// Redaction leaves a digest of the hash of what was sent beside the one of what is stored; version 1 knows no redaction.
const hashOf = (version: number): string =>
  `encode(${version < 2 ? 'content_hash' : 'coalesce(sent_hash, content_hash)'}, 'hex') AS hash`;

// OFFSET 0 keeps the planner from joining any other way than by key.
const LOOK_UP: RowsQuery = ({ name, version }) => `
SELECT u.place::int AS place, c.stream_id, CASE WHEN u.message_id IS NULL THEN c.hash ELSE m.hash END AS hash,
  (CASE WHEN u.message_id IS NULL THEN c.position ELSE m.position END)::float8 AS position
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
  AS u (agent_id, conversation_id, message_id, place)
LEFT JOIN LATERAL (SELECT stream_id, position, ${hashOf(version)} FROM ${name}.conversations
  WHERE conversation_id = u.conversation_id AND agent_id = u.agent_id OFFSET 0) c ON true
LEFT JOIN LATERAL (SELECT position, ${hashOf(version)} FROM ${name}.messages
  WHERE stream_id = c.stream_id AND message_id = u.message_id OFFSET 0) m ON true`;

// In the order of the primary key, so that a page goes on where the one before ended.
const MESSAGES: RowsQuery = ({ name, version }) => `
SELECT m.stream_id, c.agent_id, c.conversation_id, m.message_id, m.position, m.hash FROM (
  SELECT stream_id, message_id, position::float8 AS position, ${hashOf(version)} FROM ${name}.messages
  WHERE stream_id = ANY($1::uuid[]) AND ($2::uuid IS NULL OR (stream_id, message_id) > ($2, $3))
  ORDER BY stream_id, message_id LIMIT ${String(PAGE)}) m
JOIN ${name}.conversations c USING (stream_id) ORDER BY m.stream_id, m.message_id`;

/** Looks many records up at once. */
@Injectable()
export class ReconciliationQueries {
  constructor(
    private readonly databases: TenantDatabases,
    private readonly reads: ActiveReads,
  ) {}

  /** How far the log has got. */
  async head(tenant: string): Promise<number> {
    return readHead(await this.databases.pool(tenant, 'reader'));
  }

  /** The keyed digest that hashes of what was sent are kept as. */
  async digest(tenant: string): Promise<Digest> {
    return readDigest(await this.databases.pool(tenant, 'app'));
  }

  /** What is there for each of these lines, in their order, all of one moment. */
  async lookUp(tenant: string, lines: readonly ManifestLine[]): Promise<readonly StoredHash[]> {
    if (lines.length === 0) return [];
    const pool = await this.databases.pool(tenant, 'reader');
    const rows = await this.reads.query<StoredHash & { readonly place: number }>(pool, LOOK_UP, [
      lines.map(({ agent_id }) => agent_id),
      lines.map(({ conversation_id }) => conversation_id),
      lines.map(({ message_id }) => message_id),
    ]);
    return rows.toSorted((a, b) => a.place - b.place);
  }

  /** Every message of these conversations, page by page. */
  async *listMessages(
    tenant: string,
    streams: readonly string[],
  ): AsyncGenerator<readonly StoredMessageHash[]> {
    const pool = await this.databases.pool(tenant, 'reader');
    for (let at = 0; at < streams.length; at += STREAMS_AT_ONCE) {
      const some = streams.slice(at, at + STREAMS_AT_ONCE);
      let last: StoredMessageHash | undefined;
      do {
        const after = [last?.stream_id ?? null, last?.message_id ?? null];
        const values = [some, ...after];
        const rows = await this.reads.query<StoredMessageHash & object>(pool, MESSAGES, values);
        yield rows;
        last = rows.length < PAGE ? undefined : rows.at(-1);
      } while (last);
    }
  }
}
