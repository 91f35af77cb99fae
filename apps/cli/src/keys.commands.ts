import { DomainError } from '@parley/event-sourcing';
import { z } from 'zod';
import { type Answer } from './answer.js';
import { type Installation, tenantNamed } from './installation.js';

/** Options of `keys create` as they are typed. */
export interface CreateKeyOptions {
  readonly tenant: string;
  readonly kind: string;
  readonly scopes?: string;
  readonly expires?: string;
  readonly name?: string;
}

const rfc3339 = z.iso.datetime({ offset: true });

/** `keys create`: the only time that the key is shown. */
export async function createKey(
  installation: Installation,
  { tenant, kind, scopes, expires, name }: CreateKeyOptions,
): Promise<Answer> {
  const { id } = await tenantNamed(installation, tenant);
  const { credential, key } = await installation.credentials.create({
    tenant: id,
    kind,
    name,
    scopes: scopes?.split(',').map((scope) => scope.trim()),
    expiresAt: expires === undefined ? undefined : instant(expires),
  });
  return {
    json: { id: credential.id, kind: credential.kind, tenant: id, key },
    lines: [`${key}  (shown this once; its id is ${credential.id})`],
  };
}

/** `keys list` */
export async function listKeys(installation: Installation, tenant: string): Promise<Answer> {
  const { id } = await tenantNamed(installation, tenant);
  const keys = await installation.credentials.list(id);
  return {
    json: keys.map((key) => ({
      id: key.id,
      kind: key.kind,
      tenant: key.tenantId,
      name: key.name,
      prefix: key.prefix,
      last4: key.last4,
      scopes: key.scopes,
      created_at: key.createdAt,
      expires_at: key.expiresAt,
    })),
    lines: keys.map(({ id, prefix, last4, scopes, createdAt }) =>
      [id, `${prefix}…${last4}`, scopes.join(','), createdAt.toISOString()].join('  '),
    ),
  };
}

/** `keys revoke ID` */
export async function revokeKey({ credentials }: Installation, id: string): Promise<Answer> {
  if (!(await credentials.revoke(id))) {
    throw new DomainError('credential/unknown', `there is no key ${id} that could be revoked`);
  }
  return { json: { id, revoked: true }, lines: [`${id} is revoked`] };
}

function instant(text: string): Date {
  if (!rfc3339.safeParse(text).success) {
    throw new DomainError('credential/invalid', '--expires takes an RFC 3339 time with a zone');
  }
  return new Date(text);
}
