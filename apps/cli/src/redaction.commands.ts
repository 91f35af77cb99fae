import { readFile } from 'node:fs/promises';
import { parseJson } from '@parley/contracts';
import { DomainError } from '@parley/event-sourcing';
import { policyIn, readPolicy, setPolicy, type StoredPolicy } from '@parley/redaction';
import { type Answer } from './answer.js';
import { type Installation, tenantNamed } from './installation.js';

/** `redaction show` */
export async function showRedaction(installation: Installation, tenant: string): Promise<Answer> {
  const { id } = await tenantNamed(installation, tenant);
  return answerOf(await policyIn(await installation.databases.pool(id, 'app')));
}

/** `redaction set`: answers when no process uses the policy before it any more. */
export async function setRedaction(
  installation: Installation,
  tenant: string,
  file: string,
): Promise<Answer> {
  const { id } = await tenantNamed(installation, tenant);
  const parsed = parseJson(await readFile(file));
  const read = parsed.ok ? readPolicy(parsed.value) : parsed;
  if (!read.ok) {
    const [{ place, message } = { place: [], message: 'is none' }] = read.problems;
    const where = place.length > 0 ? `${place.join('.')} ` : '';
    throw new DomainError('redaction/invalid', `this is no redaction policy: ${where}${message}`);
  }
  return answerOf(await setPolicy(await installation.databases.pool(id, 'app'), read.value, 'cli'));
}

function answerOf({ id, policy, created_at, actor }: StoredPolicy): Answer {
  return {
    json: { id, policy, set_at: created_at, set_by: actor },
    lines: JSON.stringify(policy, null, 2).split('\n'),
  };
}
