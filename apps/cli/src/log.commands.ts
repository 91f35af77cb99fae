import { readModels } from '@parley/domain';
import {
  rebuildCheck,
  type TableComparison,
  type Verification,
  verifyLog,
} from '@parley/event-store';
import { type Answer } from './answer.js';
import { type Installation, tenantsNamed } from './installation.js';

/** `log verify`: of each tenant the head, or the first position that does not fit. */
export async function verifyLogs(installation: Installation, tenant?: string): Promise<Answer> {
  const found = [];
  for (const { id, name } of await tenantsNamed(installation, tenant)) {
    const verification = await verifyLog(await installation.databases.pool(id, 'app'));
    found.push({ tenant: id, name, ...verification });
  }
  const ok = found.every((log) => log.ok);
  const lines = found.map((log) => `${log.name}: ${verdict(log)}`);
  return { json: { ok, tenants: found }, lines, isBad: !ok };
}

/** `rebuild --check`: of each tenant the rows and checksums of its read models, as they are and as rebuilt. */
export async function checkRebuild(installation: Installation, tenant?: string): Promise<Answer> {
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

function verdict(log: Verification): string {
  return log.ok
    ? `ok, ${log.events} events, head ${log.head}, hash ${log.hash}`
    : `position ${log.position} does not fit (${log.reason})`;
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
