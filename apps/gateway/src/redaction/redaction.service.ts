import { type JsonObject, type Problem } from '@parley/contracts';
import {
  policyIn,
  RedactionPolicies,
  type RedactionPolicy,
  setPolicy,
  type StoredPolicy,
} from '@parley/redaction';
import { type Principal, TenantDatabases } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { documentedHeader, documentedMessage } from '../conversations/renderings.js';
import { type TriedRecord } from './redaction-request.js';

/** An account's own redaction policy. */
@Injectable()
export class RedactionService {
  constructor(
    private readonly databases: TenantDatabases,
    private readonly policies: RedactionPolicies,
  ) {}

  async getPolicy({ tenantId }: Principal): Promise<JsonObject> {
    return rendered(await policyIn(await this.databases.pool(tenantId, 'reader')));
  }

  async setPolicy(
    { tenantId, credentialId }: Principal,
    policy: RedactionPolicy,
  ): Promise<JsonObject> {
    const pool = await this.databases.pool(tenantId, 'app');
    return rendered(await setPolicy(pool, policy, `key:${credentialId}`));
  }

  /** What would be stored of a record, and what its receipt would say; nothing of it goes anywhere. */
  async tryRecord({ tenantId }: Principal, record: TriedRecord): Promise<JsonObject> {
    const tried = (await this.policies.redactorOf(tenantId)).apply(record);
    if (!tried.ok)
      return { record: null, masked: [], flagged: [], refused: refusals(tried.problems) };
    const { command, redaction } = tried.value;
    const flagged = tried.warnings.map((warning) => warning.replace(/^flagged:/, ''));
    return { record: documented(command), masked: redaction?.masked ?? [], flagged, refused: [] };
  }
}

function rendered({ id, policy, created_at, actor }: StoredPolicy): JsonObject {
  return {
    id,
    policy,
    set_at: created_at?.toISOString() ?? null,
    set_by: actor,
  };
}

function refusals(problems: readonly Problem[]): JsonObject[] {
  return problems.map(({ reason, place, message }) => ({ code: reason, place, detail: message }));
}

function documented({ type, data }: TriedRecord): JsonObject {
  const { conversation_id, agent_id } = data;
  if (type === 'RecordMessage') return documentedMessage(conversation_id, agent_id, data.message);
  return {
    ...documentedHeader(conversation_id, data.agent_id, data.header),
    messages: data.messages,
  };
}
