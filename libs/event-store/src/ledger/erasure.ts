import { type ClientBase } from 'pg';
import { quoted } from '../copy/columns.js';
import { SEARCH_FOLLOWERS } from '../search/search-schema.js';

/** An identity that an erased stream had: what the ledger may still hold under it. */
export interface ErasedIdentity {
  readonly agent_id: string;
  readonly conversation_id: string;
}

// A rebuild holds the row of its schema while it writes there; what it reads after that is without the stream.
const OTHER_READ_MODELS = `SELECT format('%I.%I', s.name, t.tablename) AS name
  FROM read_model_schemas s JOIN pg_tables t ON t.schemaname = s.name WHERE s.state <> 'active' FOR SHARE OF s`;

// Whoever fills a search index has this row while it writes there, and looks for deletions after it has got it.
const SEARCH_INDEXES = `SELECT name FROM log_followers
  WHERE ${SEARCH_FOLLOWERS} ORDER BY name FOR SHARE`;

const STATEMENTS = {
  payloads: 'SELECT erase_stream(s) FROM unnest($1::uuid[]) AS s',
  // All but the deletion's own, which says nothing of the content and may be asked for again.
  receipts: `UPDATE receipts r SET content_hash = NULL, request_hash = NULL, warnings = NULL, masked = NULL
    WHERE r.stream_id = ANY($1::uuid[]) AND NOT EXISTS (
      SELECT 1 FROM conversation_events e WHERE e.position = r.position AND e.type = 'ConversationDeleted')`,
  waiting: `DELETE FROM waiting_records w USING unnest($1::text[], $2::text[]) AS i(agent_id, conversation_id)
    WHERE w.conversation_id = i.conversation_id AND (w.agent_id IS NULL OR w.agent_id = i.agent_id)`,
  letters: `UPDATE dead_letters SET value = NULL, record_key = NULL, headers = NULL,
      conversation_id = NULL, message_id = NULL
    WHERE stream_id = ANY($1::uuid[]) OR id IN (
      SELECT d.id FROM dead_letters d JOIN unnest($2::text[], $3::text[]) AS i(agent_id, conversation_id)
        ON d.conversation_id = i.conversation_id AND (d.agent_id IS NULL OR d.agent_id = i.agent_id))`,
};

/** The streams whose content a transaction erases, once the facts that cover this are in the log. */
export class Erasure {
  private readonly streams = new Set<string>();
  private readonly identities: ErasedIdentity[] = [];

  constructor(private readonly client: ClientBase) {}

  add(streamId: string, identities: readonly ErasedIdentity[]): void {
    this.streams.add(streamId);
    this.identities.push(...identities);
  }

  get isEmpty(): boolean {
    return this.streams.size === 0;
  }

  async flush(): Promise<void> {
    const streams = [...this.streams];
    const agents = this.identities.map((i) => i.agent_id);
    const conversations = this.identities.map((i) => i.conversation_id);
    await this.client.query(STATEMENTS.payloads, [streams]);
    await this.client.query(STATEMENTS.receipts, [streams]);
    await this.client.query(STATEMENTS.waiting, [agents, conversations]);
    await this.client.query(STATEMENTS.letters, [streams, agents, conversations]);
    await this.eraseFromOthers(streams);
    await this.eraseFromSearch(streams);
  }

  private async eraseFromSearch(streams: readonly string[]): Promise<void> {
    const { rows } = await this.client.query<{ name: string }>(SEARCH_INDEXES);
    for (const { name } of rows)
      for (const table of [`${quoted(name)}.texts`, `${quoted(name)}.streams`])
        await this.client.query(`DELETE FROM ${table} WHERE stream_id = ANY($1::uuid[])`, [
          streams,
        ]);
  }

  /** Read models that are being built, or kept for a way back, would get to the deletion only later, if ever. */
  private async eraseFromOthers(streams: readonly string[]): Promise<void> {
    const { rows } = await this.client.query<{ name: string }>(OTHER_READ_MODELS);
    for (const { name } of rows)
      await this.client.query(`DELETE FROM ${name} WHERE stream_id = ANY($1::uuid[])`, [streams]);
  }
}
