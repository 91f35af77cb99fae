import { randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BULK_TOPIC, COMMANDS_TOPIC, EVENTS_TOPIC } from '@parley/contracts';
import { SEARCH_SCHEMA } from '@parley/event-store';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { ApiClient, requestOf } from '../load/client.js';
import { openPartner } from '../load/partner.js';
import { type Stage } from '../stage.js';
import { type ProvenTenant } from '../world/world.js';

const POLICY = { validators: [{ kind: 'email', action: 'mask' }] };

/** What a tenant does not want kept is nowhere, whichever door it came through, but in its partner's own topic. */
export const d62: Invariant = {
  id: 'D62',
  promise:
    'an address that is to be masked is in no table, no topic of ours and no log line, from either door',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const topic = await openPartner(stage.world, tenant);
    const services = await stage.services({ gateways: 1, ingestions: 1 });
    const url = services.urls[0]!;
    const canary = `canary${randomInt(1e9)}`;
    await setPolicy(url, tenant);
    const client = new ApiClient(tenant.key);
    const opening = requestOf({ conversation: 'c', message: null, content: '' });
    const message = requestOf({
      conversation: 'c',
      message: 'm',
      content: `I am ${canary}@example.org`,
    });
    await client.post(url, 'conversations', {
      ...opening.body,
      user_data: { mail: `${canary}@example.org` },
    });
    await client.post(url, 'messages', message.body);
    const fromPartner = { ...message.body, agent: 'support_bot', message_id: 'from-partner' };
    // Names a message twice: it becomes a dead letter.
    const twice = [message.body, { ...message.body, sender_id: 'another' }];
    const refused = { ...opening.body, messages: twice };
    await stage.world.installation.bus.publish(
      topic,
      [fromPartner, refused].map((record) => ({
        ...{ key: 'c', value: Buffer.from(JSON.stringify(record)), headers: {} },
      })),
    );
    await stage.until('all of it, and the index', () => isThrough(tenant), 30_000);
    const masked = await countIn(stage, tenant, '[email]');
    const hits = await countIn(stage, tenant, canary);
    const figures = {
      masked: masked.rows,
      hits_rows: hits.rows,
      hits_topics: hits.topics,
      hits_logs: hits.logs,
    };
    const zero = allZero(figures, 'hits_rows', 'hits_topics', 'hits_logs');
    // Three in the log and in the read models, a dead letter, a text that is searched for by parts of words.
    return { figures, broken: [...zero, ...atLeast(figures, { masked: 8 })] };
  },
};

async function setPolicy(url: string, { key }: ProvenTenant): Promise<void> {
  const answer = await fetch(`${url}/api/redaction`, {
    method: 'PUT',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(POLICY),
  });
  if (!answer.ok) throw new Error(`the policy was answered with ${answer.status}`);
}

/** Rows of the tenant's tables, records of our topics and logs of the services that hold a text. */
async function countIn(stage: Stage, tenant: ProvenTenant, text: string) {
  const logs = join(stage.world.home, 'logs');
  const said = await Promise.all((await readdir(logs)).map((name) => readFile(join(logs, name))));
  return {
    rows: await countInTables(stage, tenant, text),
    topics: await countInTopics(stage, text),
    logs: said.filter((log) => log.includes(text)).length,
  };
}

const TABLES = `SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')`;

function countInTables({ world }: Stage, { id }: ProvenTenant, text: string): Promise<number> {
  return world.postgres.session(id, async (client) => {
    // Bytes are shown as the text that they hold.
    await client.query(`SET bytea_output = 'escape'`);
    const tables = await client.query<{ name: string }>(TABLES);
    let found = 0;
    for (const { name } of tables.rows) {
      const sql = `SELECT FROM ${name} AS r WHERE strpos(r::text, $1) > 0`;
      found += (await client.query(sql, [text])).rowCount ?? 0;
    }
    return found;
  });
}

async function countInTopics({ world }: Stage, text: string): Promise<number> {
  const { bus } = world.installation;
  let found = 0;
  for (const topic of [COMMANDS_TOPIC, BULK_TOPIC, EVENTS_TOPIC]) {
    for (const { partition, highWater } of await bus.ends(topic)) {
      const from = Math.max(0, highWater - 50);
      await bus.readRange({ topic, partition, from, to: highWater }, async (records) => {
        found += records.filter(({ value }) => value?.includes(text)).length;
      });
    }
  }
  return found;
}

/** Two messages are recorded and can be searched for, as can their conversation, and one record is a dead letter. */
async function isThrough({ pool }: ProvenTenant): Promise<boolean> {
  const { rows } = await pool.query<{ messages: number; texts: number; letters: number }>(
    `SELECT (SELECT count(*)::int FROM conversation_events WHERE type = 'MessageRecorded') AS messages,
       (SELECT count(*)::int FROM ${SEARCH_SCHEMA}.texts) AS texts,
       (SELECT count(*)::int FROM dead_letters) AS letters`,
  );
  const [row] = rows;
  return row?.messages === 2 && row.texts === 3 && row.letters === 1;
}
