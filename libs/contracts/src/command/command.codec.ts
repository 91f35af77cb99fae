import { type Json, type JsonObject } from '../json.js';
import { type Problem } from '../reason-codes.js';
import { accepted, type Decoded, type Place, problem, refused } from '../record/decoded.js';
import { MAX_DEPTH, parseJson } from '../record/json-document.js';
import { headerTexts, type SentHeaders } from '../record/header-texts.js';
import { type Checker, checkerOf } from '../record/record-checker.js';
import { schemaOf } from '../record/record-rules.js';
import { decodeUtf8 } from '../record/text.js';
import { parseWrittenJson } from '../record/written-json.js';
import { recordKey } from '../topics.js';
import { isS3Version } from './version.js';
import {
  CommandHeaders,
  CommandValue,
  DeleteConversationData,
  RecordConversationData,
  RecordMessageData,
} from './command.record.js';
import {
  type CommandEnvelope,
  type CommandTrace,
  type Door,
  type IngestionCommand,
} from './commands.js';
import { fitsCommand, isSha256 } from './redaction.js';

/** A command as the bus takes it. */
export interface EncodedCommand {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
}

/** A record as the bus delivers it: anyone may have written it. */
export interface DeliveredCommand {
  readonly key?: Uint8Array | string | null;
  readonly headers: SentHeaders;
  readonly value: Uint8Array | null;
}

interface Value extends Pick<
  CommandEnvelope,
  'warnings' | 'source' | 'request_hash' | 'version' | 'redaction'
> {
  readonly data: IngestionCommand['data'];
}

// The fields of a record lie deeper within a command than in the record that the door has measured.
const ENVELOPE_DEPTH = 3;
const DOOR_PATH = '/doors/';

const HEADER_NAMES = Object.keys(schemaOf(CommandHeaders)['properties'] as JsonObject);

const checkHeaders = checkerOf(CommandHeaders);
const checkValue = checkerOf(CommandValue);
const checkData: Readonly<Record<IngestionCommand['type'], Checker>> = {
  RecordConversation: checkerOf(RecordConversationData),
  RecordMessage: checkerOf(RecordMessageData),
  DeleteConversation: checkerOf(DeleteConversationData),
};

/**
 * Writes a command as a CloudEvent in Kafka's binary content mode: headers `ce_…`, the value JSON
 * `{data, warnings, source, request_hash?, version?, redaction?}`, the key that of its conversation. `ce_time` is now.
 */
export function encodeCommand(envelope: CommandEnvelope): EncodedCommand {
  const { command, tenant, trace = {}, warnings, source, ...rest } = envelope;
  const { request_hash, version, redaction } = rest;
  const { conversation_id } = command.data;
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: envelope.attempt_id,
    ce_type: command.type,
    ce_source: `${DOOR_PATH}${envelope.door}`,
    ce_subject: conversation_id,
    ce_time: new Date().toISOString(),
    ce_tenant: tenant,
    ce_commandid: envelope.command_id,
    ce_correlationid: trace.correlation_id ?? envelope.command_id,
    'content-type': 'application/json',
  };
  if (trace.causation_id !== undefined) headers['ce_causationid'] = trace.causation_id;
  if (trace.traceparent !== undefined) headers['traceparent'] = trace.traceparent;
  const said = { data: command.data, warnings, source, request_hash, version, redaction };
  const value = Buffer.from(JSON.stringify(said));
  return { key: recordKey(tenant, conversation_id), headers, value };
}

/** A UUID as ids of commands and dead letters are written. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads a command, total: whatever the record holds, it never throws. Problems are placed in `key`, `headers`, `value`. */
export function decodeCommand(record: DeliveredCommand): Decoded<CommandEnvelope> {
  const headers = decodeHeaders(record.headers);
  if (!headers.ok) return headers;
  const value = decodeValue(record.value);
  if (!value.ok) return value;
  const { ce_type, ce_subject, ce_tenant } = headers.value;
  const check = isCommandType(ce_type) ? checkData[ce_type] : null;
  if (check === null) return mismatch(['headers', 'ce_type'], 'is no command that is known here');
  const problems = check(value.value.data);
  if (problems.length > 0) return refused(within(['value', 'data'], problems));
  if (value.value.data.conversation_id !== ce_subject) {
    return mismatch(['headers', 'ce_subject'], 'names another conversation than the data');
  }
  if (!isKey(record.key, recordKey(ce_tenant, ce_subject))) {
    return mismatch(['key'], 'is not the key of this conversation');
  }
  const envelope = envelopeOf(headers.value, value.value);
  const misspelt = misspeltPlace(envelope);
  return misspelt ? mismatch(misspelt, 'is not spelt as this field is') : accepted(envelope);
}

/** Where a field does not have the one form that the ledger can keep: what would fail there must not come that far. */
function misspeltPlace({ command_id, attempt_id, door, ...rest }: CommandEnvelope): Place | null {
  const { request_hash, version, command, redaction } = rest;
  if (!UUID.test(command_id)) return ['headers', 'ce_commandid'];
  if (!UUID.test(attempt_id)) return ['headers', 'ce_id'];
  if (request_hash !== undefined && !isSha256(request_hash)) return ['value', 'request_hash'];
  const isVersion = version === undefined || (door === 's3' && isS3Version(version));
  if (!isVersion) return ['value', 'version'];
  const fits = redaction === undefined || fitsCommand(redaction, command);
  return fits ? null : ['value', 'redaction'];
}

function decodeHeaders(sent: DeliveredCommand['headers']): Decoded<CommandHeaders> {
  const texts = headerTexts(sent, HEADER_NAMES);
  if (!texts.ok) return texts;
  const problems = checkHeaders(texts.value);
  return problems.length > 0
    ? refused(within(['headers'], problems))
    : accepted(texts.value as unknown as CommandHeaders);
}

function decodeValue(bytes: Uint8Array | null): Decoded<Value> {
  const parsed = parseValue(bytes ?? new Uint8Array(), MAX_DEPTH + ENVELOPE_DEPTH);
  if (!parsed.ok) return refused(within(['value'], parsed.problems));
  const problems = checkValue(parsed.value);
  return problems.length > 0
    ? refused(within(['value'], problems))
    : accepted(parsed.value as unknown as Value);
}

function parseValue(bytes: Uint8Array, maxDepth: number): Decoded<Json> {
  const written = parseWrittenJson(bytes, maxDepth);
  return written === undefined ? parseJson(bytes, maxDepth) : accepted(written);
}

function envelopeOf(headers: CommandHeaders, value: Value): CommandEnvelope {
  const { data, warnings, source, request_hash, version, redaction } = value;
  const trace = traceOf(headers);
  return {
    command_id: headers.ce_commandid,
    attempt_id: headers.ce_id,
    tenant: headers.ce_tenant,
    door: headers.ce_source.slice(DOOR_PATH.length) as Door,
    command: { type: headers.ce_type, data } as IngestionCommand,
    warnings,
    source,
    ...(typeof request_hash === 'string' && { request_hash }),
    ...(typeof version === 'string' && { version }),
    ...(trace && { trace }),
    ...(redaction && { redaction }),
  };
}

/** A command that was caused by no other correlates with itself alone, which needs no saying. */
function traceOf(headers: CommandHeaders): CommandTrace | null {
  const { ce_correlationid, ce_causationid, traceparent, ce_commandid } = headers;
  const trace = {
    ...(ce_correlationid !== undefined &&
      ce_correlationid !== ce_commandid && { correlation_id: ce_correlationid }),
    ...(ce_causationid !== undefined && { causation_id: ce_causationid }),
    ...(traceparent !== undefined && { traceparent }),
  };
  return Object.keys(trace).length > 0 ? trace : null;
}

function isCommandType(type: string): type is IngestionCommand['type'] {
  return Object.hasOwn(checkData, type);
}

function isKey(key: DeliveredCommand['key'], expected: string): boolean {
  if (key === undefined || key === null) return true;
  return decodeUtf8(key) === expected;
}

function mismatch(place: Place, message: string): Decoded<never> {
  return refused([problem('wrong_type', place, message)]);
}

function within(root: Place, problems: readonly Problem[]): Problem[] {
  return problems.map((found) => ({ ...found, place: [...root, ...found.place] }));
}
