import { BinaryWriter } from '../copy/binary-writer.js';
import { kindOf } from '../copy/columns.js';
import { chainStart, writeHeader, writePayload } from './hash-chain.js';
import { BYTES_AT_ONCE, type Queryable } from './log-reader.js';

/** Why a position of the log does not fit. */
export type LogDefect =
  | 'position_missing'
  | 'hash_mismatch'
  | 'payload_mismatch'
  | 'payload_missing'
  | 'payload_without_event';

/** What a verification found: the whole log fits, or the first position that does not. */
export type Verification =
  | { readonly ok: true; readonly events: number; readonly head: number; readonly hash: string }
  | { readonly ok: false; readonly position: number; readonly reason: LogDefect };

interface Row {
  readonly position: string;
  readonly stream_id: string;
  readonly stream_version: number;
  readonly type: string;
  /** Null for infinity, which nobody appends. */
  readonly occurred_at: string | null;
  readonly recorded_at: string | null;
  readonly payload_digest: Buffer;
  readonly hash: Buffer;
  readonly subject: string | null;
  readonly salt: Buffer;
  readonly body: Buffer;
  readonly content_hash: string | null;
  readonly source: Buffer;
  readonly is_erased: boolean;
}

const BATCH = 1000;
const micros = (column: string) =>
  `CASE WHEN isfinite(${column}) THEN ${kindOf('timestamp').select(column)} END`;

// A payload and the fact that covers its erasure are read in one statement, so that no erasure falls between them.
const READ = `
  SELECT * FROM (SELECT e.position, e.stream_id, e.stream_version, e.type, e.payload_digest, e.hash,
    ${micros('e.occurred_at')} AS occurred_at, ${micros('e.recorded_at')} AS recorded_at,
    p.subject, p.salt, p.body, encode(p.content_hash, 'hex') AS content_hash, p.source,
    p.position IS NULL AND EXISTS (
      SELECT FROM conversation_events fact
      WHERE fact.stream_id = e.stream_id AND fact.type = 'ConversationDeleted' AND fact.position <> e.position
    ) AS is_erased,
    row_number() OVER in_order AS nth,
    sum(octet_length(p.body) + octet_length(p.source)) OVER in_order AS bytes
  FROM (SELECT * FROM conversation_events WHERE position > $1 ORDER BY position LIMIT ${BATCH}) e
    LEFT JOIN event_payloads p
      ON p.position = e.position AND p.position > $1 AND p.position <= $1 + ${BATCH}
  WINDOW in_order AS (ORDER BY e.position ROWS UNBOUNDED PRECEDING)) found
  WHERE nth = 1 OR bytes IS NULL OR bytes <= ${BYTES_AT_ONCE} ORDER BY position`;

const ORPHANS = `
  SELECT min(position) AS position FROM event_payloads
  WHERE position > coalesce((SELECT max(position) FROM conversation_events), 0)`;

/**
 * Reads the whole log and checks it: positions without gaps, every hash, every payload against its digest; a payload
 * may be missing only where a `ConversationDeleted` of its stream covers it. Writers may go on meanwhile.
 * A log whose end was cut off fits in itself: compare `head` and `hash` with what was noted elsewhere.
 */
export async function verifyLog(db: Queryable): Promise<Verification> {
  const { rows } = await db.query<{ log_id: string }>('SELECT log_id FROM log_identity');
  const writer = new BinaryWriter();
  let head = 0;
  let hash = chainStart(rows[0]?.log_id ?? '');
  for (;;) {
    const batch = (await db.query<Row>(READ, [head])).rows;
    if (batch.length === 0) break;
    for (const row of batch) {
      const position = head + 1;
      const reason = defect(row, position, writer) ?? link(row, hash, writer);
      if (reason) return { ok: false, position, reason };
      hash = row.hash.toString('hex');
      head = position;
    }
  }
  const orphan = (await db.query<{ position: string | null }>(ORPHANS)).rows[0]?.position;
  if (orphan) return { ok: false, position: Number(orphan), reason: 'payload_without_event' };
  return { ok: true, events: head, head, hash };
}

function defect(row: Row, position: number, writer: BinaryWriter): LogDefect | null {
  if (Number(row.position) !== position) return 'position_missing';
  if (row.subject === null) return row.is_erased ? null : 'payload_missing';
  writer.clear();
  const digest = writePayload(writer, {
    subject: row.subject,
    salt: row.salt,
    body: row.body,
    contentHash: row.content_hash,
    source: row.source,
  });
  return digest === row.payload_digest.toString('hex') ? null : 'payload_mismatch';
}

function link(row: Row, previous: string, writer: BinaryWriter): LogDefect | null {
  if (row.occurred_at === null || row.recorded_at === null) return 'hash_mismatch';
  writer.clear();
  const header = {
    position: Number(row.position),
    streamId: row.stream_id,
    streamVersion: row.stream_version,
    type: row.type,
    occurredAt: BigInt(row.occurred_at),
    recordedAt: Number(row.recorded_at),
    payloadDigest: row.payload_digest.toString('hex'),
  };
  const hash = writeHeader(writer, header, previous);
  return hash === row.hash.toString('hex') ? null : 'hash_mismatch';
}
