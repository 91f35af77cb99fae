import { readModels } from '@parley/domain';
import {
  dropOldReadModels,
  rebuildCheck,
  type RebuildPlace,
  rebuildReadModels,
  type RebuildRequest,
  type RebuildResult,
  rollBackReadModels,
  servesNewest,
  type TableComparison,
} from '@parley/event-store';
import { type Tenant } from '@parley/tenancy';
import { type Answer } from './answer.js';
import { type Installation, tenantsNamed } from './installation.js';

/** Options of `rebuild` as they are typed. */
export interface RebuildOptions {
  readonly tenant?: string;
  readonly outdated?: true;
  readonly acceptDifferences?: string;
}

/** `rebuild`: new read models, compared and served. */
export async function rebuild(at: Installation, options: RebuildOptions): Promise<Answer> {
  const tenants = await tenantsNamed(at, options.tenant);
  return eachSwitched(at, options, { tenants, bringUp: rebuildReadModels });
}

/** `rebuild --rollback`: the former ones, brought up to date, compared and served again. */
export async function rollBack(at: Installation, options: RebuildOptions): Promise<Answer> {
  const tenants = await tenantsNamed(at, options.tenant);
  return eachSwitched(at, options, { tenants, bringUp: rollBackReadModels });
}

/** `rebuild --drop-old` */
export async function dropOld(at: Installation, { tenant }: RebuildOptions): Promise<Answer> {
  const dropped = [];
  for (const { id, name } of await tenantsNamed(at, tenant))
    dropped.push({
      tenant: id,
      name,
      dropped: await dropOldReadModels(await placeOf(at, id), { actor: 'cli' }),
    });
  const lines = dropped.map((one) => `${one.name}: dropped ${one.dropped.join(', ') || 'nothing'}`);
  return { json: { ok: true, tenants: dropped }, lines };
}

/** `rebuild --check`: of each tenant the rows and checksums of its read models, as they are and as rebuilt. */
export async function checkRebuild(
  installation: Installation,
  { tenant }: RebuildOptions,
): Promise<Answer> {
  const found = [];
  for (const { id, name } of await tenantsNamed(installation, tenant)) {
    const tables = await rebuildCheck(await installation.databases.pool(id, 'app'), readModels);
    const ok = tables.every(({ firstDifference }) => firstDifference === null);
    found.push({ tenant: id, name, ok, tables });
  }
  const ok = found.every((check) => check.ok);
  const lines = found.flatMap(({ name, tables }) =>
    tables.map((table) => `${name}: ${row(table)}`),
  );
  return { json: { ok, tenants: found }, lines, isBad: !ok };
}

/** What is done to which tenants. */
interface Work {
  readonly tenants: readonly Tenant[];
  readonly bringUp: (place: RebuildPlace, request: RebuildRequest) => Promise<RebuildResult>;
}

async function eachSwitched(
  at: Installation,
  { outdated, acceptDifferences }: RebuildOptions,
  { tenants, bringUp }: Work,
): Promise<Answer> {
  const request = {
    actor: 'cli',
    ...(acceptDifferences === undefined ? {} : { acceptDifferences }),
  };
  const found = [];
  for (const { id, name } of tenants) {
    const place = await placeOf(at, id);
    if (outdated && (await servesNewest(place.pool, readModels))) continue;
    found.push({ tenant: id, name, ...(await bringUp(place, request)) });
  }
  const ok = found.every(({ isSwitched }) => isSwitched);
  return { json: { ok, tenants: found.map(document) }, lines: found.flatMap(linesOf), isBad: !ok };
}

async function placeOf({ databases }: Installation, id: string): Promise<RebuildPlace> {
  return {
    pool: await databases.pool(id, 'app'),
    adminUrl: await databases.adminUrl(id),
    versions: readModels,
  };
}

type Found = RebuildResult & { readonly tenant: string; readonly name: string };

function document({ tenant, name, from, to, tables, ...result }: Found) {
  return {
    tenant,
    name,
    ok: result.isSwitched,
    from: { schema: from.name, version: from.version },
    to: { schema: to.name, version: to.version },
    events: result.events,
    seconds: result.seconds,
    locked_ms: result.lockedMs,
    tables,
  };
}

function linesOf({ name, from, to, tables, ...result }: Found): string[] {
  if (!result.isSwitched)
    return [
      ...tables.map((table) => `${name}: ${row(table)}`),
      `${name}: ${to.name} differs from ${from.name}, which is served as before; see --accept-differences`,
    ];
  const rate = Math.round(result.events / Math.max(result.seconds, 0.001));
  const speed = `${result.events} events, ${rate} a second`;
  const locked = `writers waited ${Math.ceil(result.lockedMs)} ms`;
  return [`${name}: ${to.name} is served in place of ${from.name} (${speed}, ${locked})`];
}

function row(comparison: TableComparison): string {
  const { table, liveRows, rebuiltRows, liveChecksum, rebuiltChecksum } = comparison;
  const difference = comparison.firstDifference;
  const verdict = difference
    ? `DIFFERENT from stream ${[difference.stream_id, difference.item].filter(Boolean).join(' ')} on`
    : 'equal';
  return [
    table,
    `live ${liveRows} rows ${liveChecksum}`,
    `rebuilt ${rebuiltRows} rows ${rebuiltChecksum}`,
    verdict,
  ].join(', ');
}
