import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rebuildCheck, verifyLog } from '@parley/event-store';
import { readModels } from '@parley/domain';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { ApiClient, requestOf } from '../load/client.js';
import { type Stage } from '../stage.js';
import { type ProvenTenant } from '../world/world.js';

/** What is deleted is gone from the files of the tenant's database and from what the services say. */
export const i23: Invariant = {
  id: 'I23',
  promise:
    'after a deletion its words are in no file of the tenant’s database and in no log; the chain verifies',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const services = await stage.services({ gateways: 1, ingestions: 1 });
    const url = services.urls[0]!;
    const client = new ApiClient(tenant.key);
    const canary = randomBytes(16).toString('hex');
    await write(client, url, canary);
    await settleFiles(stage, tenant);
    const before = await search(stage, tenant, canary);
    const deleted = await client.delete(url, 'conversations/to-forget');
    await settleFiles(stage, tenant);
    const after = await search(stage, tenant, canary);
    const tables = await rebuildCheck(tenant.pool, readModels);
    const figures = {
      files: after.files,
      hits_before: before.hits,
      hits: after.hits,
      deleted: deleted.status ?? 0,
      chain: (await verifyLog(tenant.pool)).ok ? 0 : 1,
      stale: tables.filter(({ firstDifference }) => firstDifference !== null).length,
      kept: await countKept(tenant),
    };
    const zero = allZero(figures, 'hits', 'chain', 'stale');
    // Words that were never found would prove nothing by not being found.
    const least = { hits_before: 1, deleted: 200, kept: 1 };
    return { figures, broken: [...zero, ...atLeast(figures, least)] };
  },
};

async function write(client: ApiClient, url: string, canary: string): Promise<void> {
  for (const conversation of ['to-forget', 'to-keep']) {
    const words = conversation === 'to-forget' ? canary : 'nothing';
    const opening = requestOf({ conversation, message: null, content: '' });
    await client.post(url, 'conversations', { ...opening.body, user_data: { name: words } });
    const { body } = requestOf({ conversation, message: 'm', content: `I am ${words}` });
    await client.post(url, 'messages', {
      ...body,
      sender_id: words,
      logs: [{ name: 'l', content: words }],
    });
  }
}

/** Old versions of rows go with a full vacuum, and what is in memory comes to the files with a checkpoint. */
async function settleFiles({ world }: Stage, { id }: ProvenTenant): Promise<void> {
  await world.postgres.query(id, 'VACUUM FULL');
  await world.postgres.query(id, 'CHECKPOINT');
}

/** In the files of the tenant's database and in what the services have said. */
async function search({ world }: Stage, { id }: ProvenTenant, canary: string) {
  const [row] = await world.postgres.query<{ oid: number }>(
    'postgres',
    'SELECT oid::int FROM pg_database WHERE datname = $1',
    [id],
  );
  const database = join(await world.postgres.dataFolder(), 'base', String(row?.oid));
  const places = await Promise.all([database, join(world.home, 'logs')].map(filesIn));
  const contents = await Promise.all(places.flat().map((file) => readFile(file).catch(() => null)));
  const read = contents.filter((content) => content !== null);
  return { files: read.length, hits: read.filter((content) => content.includes(canary)).length };
}

async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).map((name) => join(folder, name));
}

async function countKept({ pool }: ProvenTenant): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM event_payloads',
  );
  return rows[0]?.count ?? 0;
}
