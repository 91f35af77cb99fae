import { type RecordConversation, type RecordMessage } from '../command/commands.js';
import { type Json, type JsonObject } from '../json.js';
import { type Problem } from '../reason-codes.js';
import { checkId } from './check-id.js';
import { decodeConversationRecord } from './conversation.decoder.js';
import { accepted, type Decoded, problem, refused } from './decoded.js';
import { isObject } from './field-names.js';
import { type SentHeaders } from './header-texts.js';
import { parseJson } from './json-document.js';
import { decodePartnerMessage } from './message.decoder.js';
import { decodeUtf8 } from './text.js';

/** A record of a partner's topic as the bus delivers it. Its key is the partner's own and says nothing here. */
export interface PartnerRecord {
  readonly headers: SentHeaders;
  readonly value: Uint8Array | null;
}

/** Whose topic it is, under all the names that a record may use, and the time in milliseconds since 1970. */
export interface PartnerContext {
  readonly tenantNames: readonly string[];
  readonly now: number;
}

/** What a record says of whose it is, as far as it can be told; null where it says nothing that could be an id. */
export interface NamedIdentity {
  readonly agent_id: string | null;
  readonly conversation_id: string | null;
  readonly message_id: string | null;
}

const TENANT_FIELDS = ['tenant', 'tenant_id', 'tenantId'];
const STRUCTURED_EVENT = /^\s*application\/cloudevents/i;

/**
 * Decodes a record of a partner's topic: one conversation with or without its messages, or one message, told apart by
 * what it holds. Plain JSON, or the value of a CloudEvent in Kafka's binary mode, of whose attributes only `ce_tenant`
 * counts. Neither it nor a field may name another tenant than the topic's (`tenant_mismatch`).
 */
export function decodePartnerRecord(
  { headers, value }: PartnerRecord,
  { tenantNames, now }: PartnerContext,
): Decoded<RecordConversation | RecordMessage> {
  if (value === null) return refused([problem('missing_field', [], 'has no value')]);
  const unfit = headerProblem(headers, tenantNames);
  if (unfit) return refused([unfit]);
  const parsed = parseJson(value);
  if (!parsed.ok) return parsed;
  if (Array.isArray(parsed.value)) {
    const words = 'must be one conversation or one message, not a list of them';
    return refused([problem('wrong_type', [], words)]);
  }
  const foreign = foreignField(parsed.value, tenantNames);
  if (foreign !== null) return refused([mismatch([foreign])]);
  const decoded = isMessage(parsed.value)
    ? decodePartnerMessage(parsed.value, now)
    : decodeConversationRecord(parsed.value, now);
  return decoded.ok
    ? accepted<RecordConversation | RecordMessage>(decoded.value, [
        ...parsed.warnings,
        ...decoded.warnings,
      ])
    : decoded;
}

/** Whom a refused record speaks of, so that it can be found, and erased with its conversation. */
export function identityNamedIn(value: Uint8Array | null): NamedIdentity {
  const parsed = parseJson(value ?? new Uint8Array());
  const fields = parsed.ok && isObject(parsed.value) ? parsed.value : {};
  return {
    agent_id: firstId(fields, ['agent_id', 'agent', 'agentId']),
    conversation_id: firstId(fields, ['conversation_id', 'conversationId']),
    message_id: firstId(fields, ['message_id']),
  };
}

function headerProblem(
  headers: PartnerRecord['headers'],
  tenantNames: readonly string[],
): Problem | null {
  const type = textOf(headers['content-type']);
  if (type !== null && STRUCTURED_EVENT.test(type)) {
    const words = 'announces a CloudEvent in structured mode: send its data as the value';
    return problem('unsupported_type', [], words);
  }
  const sent = headers['ce_tenant'];
  const isForeign = sent !== undefined && !tenantNames.includes(textOf(sent) ?? '');
  return isForeign ? mismatch(['ce_tenant']) : null;
}

function foreignField(value: Json, tenantNames: readonly string[]): string | null {
  if (!isObject(value)) return null;
  const named = TENANT_FIELDS.find((name) => {
    const tenant = value[name] ?? null;
    return tenant !== null && !tenantNames.includes(tenant as string);
  });
  return named ?? null;
}

/** A message that lacks its id must not pass for a conversation that has neither messages nor much else. */
function isMessage(value: Json): boolean {
  if (!isObject(value) || Object.hasOwn(value, 'messages')) return false;
  const has = (name: string) => Object.hasOwn(value, name);
  return has('message_id') || (has('role') && has('content'));
}

function firstId(fields: JsonObject, names: readonly string[]): string | null {
  for (const name of names) {
    const id = fields[name];
    if (typeof id === 'string' && checkId(id, []) === null) return id;
  }
  return null;
}

function textOf(sent: Uint8Array | string | undefined): string | null {
  return sent === undefined ? null : decodeUtf8(sent);
}

function mismatch(place: readonly string[]): Problem {
  return problem('tenant_mismatch', place, 'names another tenant than the topic’s');
}
