import { rebuildSearch, type SearchRebuildResult } from '@parley/search';
import { type Answer } from './answer.js';
import { type Installation, tenantsNamed } from './installation.js';
import { type RebuildOptions } from './rebuild.commands.js';

/** `rebuild --search`: of each tenant a new search index, in the place of the former one. */
export async function rebuildSearchIndexes(
  at: Installation,
  { tenant }: RebuildOptions,
): Promise<Answer> {
  const found = [];
  for (const { id, name } of await tenantsNamed(at, tenant)) {
    const pool = await at.databases.pool(id, 'app');
    const adminUrl = await at.databases.adminUrl(id);
    const result = await rebuildSearch({ pool, adminUrl, actor: 'cli' });
    found.push({ tenant: id, name, ...result });
  }
  return { json: { ok: true, tenants: found }, lines: found.map(lineOf) };
}

function lineOf({
  name,
  position,
  texts,
  seconds,
}: SearchRebuildResult & { name: string }): string {
  const rate = Math.round(texts / Math.max(seconds, 0.001));
  return `${name}: ${texts} texts are indexed, to position ${position} (${rate} a second)`;
}
