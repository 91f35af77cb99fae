import { type Verification, verifyLog } from '@parley/event-store';
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
  if (found.length === 0) lines.push('there are no tenants here: is this the right PARLEY_HOME?');
  return { json: { ok, tenants: found }, lines, isBad: !ok };
}

function verdict(log: Verification): string {
  return log.ok
    ? `ok, ${log.events} events, head ${log.head}, hash ${log.hash}`
    : `position ${log.position} does not fit (${log.reason})`;
}
