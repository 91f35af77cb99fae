import { randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMANDS_TOPIC, EVENTS_TOPIC } from '@parley/contracts';
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
    await stage.world.installation.bus.publish(topic, [
      { key: 'c', value: Buffer.from(JSON.stringify(fromPartner)), headers: {} },
    ]);
    const masked = async () => (await countIn(stage, tenant, '[email]')).rows;
    await stage.until('all three', async () => (await countMessages(tenant)) === 2, 30_000);
    const hits = await countIn(stage, tenant, canary);
    const figures = {
      masked: await masked(),
      hits_rows: hits.rows,
      hits_topics: hits.topics,
      hits_logs: hits.logs,
    };
    const zero = allZero(figures, 'hits_rows', 'hits_topics', 'hits_logs');
    return { figures, broken: [...zero, ...atLeast(figures, { masked: 3 })] };
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
  const { pool } = tenant;
  const payloads = await pool.query<{ body: string }>(
    `SELECT convert_from(body, 'UTF8') || convert_from(source, 'UTF8') AS body FROM event_payloads
     UNION ALL SELECT r::text FROM receipts r UNION ALL SELECT d::text FROM dead_letters d
     UNION ALL SELECT w::text FROM waiting_records w`,
  );
  const logs = join(stage.world.home, 'logs');
  const said = await Promise.all((await readdir(logs)).map((name) => readFile(join(logs, name))));
  return {
    rows: payloads.rows.filter(({ body }) => body.includes(text)).length,
    topics: await countInTopics(stage, text),
    logs: said.filter((log) => log.includes(text)).length,
  };
}

async function countInTopics({ world }: Stage, text: string): Promise<number> {
  const { bus } = world.installation;
  let found = 0;
  for (const topic of [COMMANDS_TOPIC, EVENTS_TOPIC]) {
    for (const { partition, highWater } of await bus.ends(topic)) {
      const from = Math.max(0, highWater - 50);
      await bus.readRange({ topic, partition, from, to: highWater }, async (records) => {
        found += records.filter(({ value }) => value?.includes(text)).length;
      });
    }
  }
  return found;
}

async function countMessages({ pool }: ProvenTenant): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM conversation_events WHERE type = 'MessageRecorded'`,
  );
  return rows[0]?.count ?? 0;
}
