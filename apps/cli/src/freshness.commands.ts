import { type DoorFreshness, Freshness, type TenantFreshness } from '@parley/tenancy';
import { type Answer } from './answer.js';
import { type Installation, tenantsNamed } from './installation.js';

type Named = TenantFreshness & { readonly tenant: string; readonly name: string };

/** `freshness`: of each tenant what is applied, and what is late, by door. */
export async function showFreshness(installation: Installation, tenant?: string): Promise<Answer> {
  const { control, databases } = installation;
  const freshness = new Freshness({
    ...{ control, bus: await installation.bus() },
    pool: (id) => databases.pool(id, 'reader'),
  });
  const found: Named[] = [];
  for (const { id, name } of await tenantsNamed(installation, tenant))
    found.push({ tenant: id, name, ...(await freshness.of(id)) });
  return { json: { tenants: found }, lines: found.flatMap(linesOf) };
}

function linesOf({ name, log, parked, doors }: Named): string[] {
  const head = log
    ? `head ${log.head}, last recorded ${log.last_recorded_at ?? 'never'}, ${log.unpublished} events unpublished`
    : 'its database is away';
  const since = parked.since === null ? '' : `, parked since ${parked.since}`;
  const words = doors.flatMap((door) => {
    const said = wordsOf(door);
    return said.length > 0 ? [`  ${door.door}: ${said.join(', ')}`] : [];
  });
  return [`${name}: ${head}${since}`, ...(words.length > 0 ? words : ['  nothing waits'])];
}

/** What is not as it is to be, in words; empty where all is well. */
function wordsOf({ lag, parked, waiting, dead_letters }: DoorFreshness): string[] {
  const reasons = Object.entries(dead_letters?.by_reason ?? {});
  return [
    ...lagWords(lag, parked),
    ...(waiting?.oldest_at
      ? [`${waiting.records} wait for their conversation since ${waiting.oldest_at}`]
      : []),
    ...(reasons.length > 0
      ? [`dead letters: ${reasons.map(([reason, n]) => `${n} ${reason}`).join(' ')}`]
      : []),
  ];
}

function lagWords({ records, seconds, at_least }: DoorFreshness['lag'], parked: number): string[] {
  if (records === 0 && !at_least) return [];
  const count = `${at_least ? 'at least ' : ''}${records}`;
  const passedOver = parked > 0 ? ` (${parked} parked)` : '';
  return [`${count} not applied${passedOver}, the oldest for ${seconds.toFixed(1)} s`];
}
