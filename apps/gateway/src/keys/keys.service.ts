import { type JsonObject } from '@parley/contracts';
import { type Credential, Credentials, type Principal } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { problem } from '../errors/http-problem.js';
import { type KeyRequest } from './key-request.js';

/** An account's own API keys, and nobody else's. */
@Injectable()
export class KeysService {
  constructor(private readonly credentials: Credentials) {}

  async createKey({ tenantId }: Principal, request: KeyRequest): Promise<JsonObject> {
    const { name, scopes, expires_at: expiresAt } = request;
    const asked = { tenant: tenantId, kind: 'api-key', name, scopes, expiresAt };
    const { credential, key } = await this.credentials.create(asked);
    return { ...rendered(credential), key };
  }

  async listKeys({ tenantId }: Principal): Promise<JsonObject> {
    return { data: (await this.credentials.list(tenantId)).map(rendered) };
  }

  async deleteKey({ tenantId }: Principal, id: string): Promise<JsonObject> {
    if (await this.credentials.revoke(id, tenantId)) return { id, status: 'deleted' };
    throw problem(404, 'not_found', 'there is no such key');
  }
}

function rendered({ id, name, prefix, last4, scopes, ...times }: Credential): JsonObject {
  return {
    id,
    name,
    prefix,
    last4,
    scopes,
    created_at: times.createdAt.toISOString(),
    expires_at: times.expiresAt?.toISOString() ?? null,
  };
}
