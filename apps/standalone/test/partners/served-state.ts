import { createHash } from 'node:crypto';
import { type Json, type JsonObject } from '@parley/contracts';
import { readActiveSchema } from '@parley/event-store';
import canonicalize from 'canonicalize';
import type pg from 'pg';
import { type SentRecord } from './partner-records.js';

/** What senders supplied, as one number: identities and fields, and nothing that we have added. */
export interface State {
  readonly conversations: number;
  readonly messages: number;
  readonly checksum: string;
}

/** What a tenant's read models serve. */
export async function servedState(pool: pg.Pool): Promise<State> {
  const { name: schema } = await readActiveSchema(pool);
  const headers = await pool.query<Header>(
    `SELECT conversation_id, agent_id, header FROM ${schema}.conversations`,
  );
  const messages = await pool.query<Header & { fields: JsonObject }>(
    `SELECT conversation_id, agent_id, fields FROM ${schema}.messages JOIN ${schema}.conversations USING (stream_id)`,
  );
  return stateOf(
    headers.rows.map(({ conversation_id, agent_id, header }) => [
      conversation_id,
      agent_id,
      header,
    ]),
    messages.rows.map(({ conversation_id, agent_id, fields }) => [
      conversation_id,
      agent_id,
      fields,
    ]),
  );
}

/** What has to be served after these records, told from what was sent alone. */
export function expectedState(records: readonly SentRecord[]): State {
  const headers: Json[] = [];
  const messages: Json[] = [];
  for (const { value } of records.filter(({ kind }) => kind === 'good')) {
    const {
      conversation_id,
      agent_id,
      messages: within,
      ...fields
    } = JSON.parse(String(value)) as Sent;
    if ('message_id' in fields) messages.push([conversation_id, agent_id, fields]);
    else headers.push([conversation_id, agent_id, fields]);
    messages.push(...(within ?? []).map((message) => [conversation_id, agent_id, message]));
  }
  return stateOf(headers, messages);
}

interface Header {
  readonly conversation_id: string;
  readonly agent_id: string;
  readonly header: JsonObject;
}

type Sent = JsonObject & {
  readonly conversation_id: string;
  readonly agent_id: string;
  readonly messages?: readonly JsonObject[];
};

/** A thing that is there twice counts once where it was sent, and must not be there twice where it is served. */
function stateOf(headers: readonly Json[], messages: readonly Json[]): State {
  const [ofHeaders, ofMessages] = [linesOf(headers), linesOf(messages)];
  const hash = createHash('sha256').update([...ofHeaders, ...ofMessages].join('\n'));
  return {
    conversations: ofHeaders.length,
    messages: ofMessages.length,
    checksum: hash.digest('hex'),
  };
}

function linesOf(things: readonly Json[]): string[] {
  return [...new Set(things.map((thing) => canonicalize(thing) ?? ''))].sort();
}
