import { allZero, atLeast, type Invariant } from '../invariant.js';
import { ApiClient, requestOf } from '../load/client.js';
import { type ProvenTenant } from '../world/world.js';

const CONVERSATION = 'same-id';

interface Openapi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Found {
  probes: number;
  leaks: number;
}

/** Two tenants with equal ids, and every address that can be read: neither ever sees a word of the other. */
export const i17: Invariant = {
  id: 'I17',
  promise: 'no address answers one tenant with anything of another, whatever ids are asked for',
  prove: async (stage) => {
    const services = await stage.services({ gateways: 1, ingestions: 1 });
    const [url] = services.urls;
    const [ours, theirs] = [await stage.tenant(), await stage.tenant()];
    const canaries = [`canary-${ours.id}`, `canary-${theirs.id}`];
    const tokens = [
      ...(await fill(url!, theirs, canaries[1]!)),
      ...(await fill(url!, ours, canaries[0]!)),
    ];
    const api = (await (await fetch(`${url}/openapi.json`)).json()) as Openapi;
    const found: Found = { probes: 0, leaks: 0 };
    for (const path of readable(api)) {
      for (const id of [CONVERSATION, ...tokens]) {
        await probe(found, { url: url!, ours, path, id, canary: canaries[1]! });
      }
    }
    const operations = readable(api).length;
    const figures = { operations, ...found, mutations: await mutations(theirs) };
    const zero = allZero(figures, 'leaks', 'mutations');
    return { figures, broken: [...zero, ...atLeast(figures, { operations: 8, probes: 30 })] };
  },
};

/** Writes a conversation that says the canary wherever a sender can; answers what of it is a handle. */
async function fill(url: string, { key }: ProvenTenant, canary: string): Promise<string[]> {
  const client = new ApiClient(key);
  const opening = requestOf({ conversation: CONVERSATION, message: null, content: '' });
  const opened = await client.post(url, 'conversations', {
    ...opening.body,
    user_data: { secret: canary },
  });
  const { body } = requestOf({ conversation: CONVERSATION, message: 'm', content: canary });
  const written = await client.post(url, 'messages', { ...body, sender_id: canary });
  await client.get(url, 'conversations');
  if (opened.status !== 200 || written.status !== 200) throw new Error('a write was refused');
  return [
    written.headers?.get('parley-receipt') ?? '',
    written.headers?.get('parley-read-after') ?? '',
  ];
}

function readable({ paths }: Openapi): string[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    'get' in methods && path.startsWith('/api/') ? [path] : [],
  );
}

async function probe(
  found: Found,
  {
    url,
    ours,
    path,
    id,
    canary,
  }: { url: string; ours: ProvenTenant; path: string; id: string; canary: string },
): Promise<void> {
  const client = new ApiClient(ours.key);
  const address = path.replace(/^\/api\//, '').replace(/\{[^}]+\}/g, encodeURIComponent(id));
  const queries = [
    '',
    `?cursor=${encodeURIComponent(id)}`,
    `?sender_id=${encodeURIComponent(canary)}`,
    '?after=0',
  ];
  for (const query of queries) {
    const { text } = await client.get(url, `${address}${query}`, { 'parley-read-after': id });
    const plain = await client.get(url, `${address}${query}`);
    found.probes += 2;
    // What was asked for may be quoted; nobody asks for the words themselves but by their sender.
    const quoted = query.includes('sender_id') ? 0 : 1;
    found.leaks += [text, plain.text].filter((said) => said.includes(canary)).length * quoted;
  }
}

/** The other tenant's log has what it wrote, and no more. */
async function mutations({ pool }: ProvenTenant): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM conversation_events',
  );
  return (rows[0]?.count ?? 0) - 2;
}
