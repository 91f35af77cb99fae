import {
  type CommandEnvelope,
  decodePartnerRecord,
  identityNamedIn,
  type Problem,
  problemText,
} from '@parley/contracts';
import { type DeliveredRecord, type Source } from '@parley/messaging';
import { type Redactor } from '@parley/redaction';
import { v5 } from 'uuid';
import {
  NOBODY,
  prepareEnvelope,
  type PreparedRecord,
  undecodableProblem,
  type UnreadableRecord,
} from '../commands/prepared-record.js';

/** Whose topic it is, by id and by every name that a record may give its tenant, and what redacts its records. */
export interface TopicOwner {
  readonly tenant: string;
  readonly names: readonly string[];
  readonly redactor: Redactor;
}

const NAMESPACE = '6f0a1c52-9c0e-4c43-b0de-5a3bd3c4f1a7';
const PROBLEMS_SHOWN = 5;

/** Makes a command of a partner's record, redacted; or says why it is none. */
export function preparePartnerRecord(
  record: DeliveredRecord,
  source: Source,
  { tenant, names, redactor }: TopicOwner,
): PreparedRecord {
  const { undecodable, offset } = record;
  if (undecodable !== undefined) return refused(record, undecodableProblem(undecodable));
  const decoded = decodePartnerRecord(record, { tenantNames: names, now: Date.now() });
  if (!decoded.ok) return refused(record, summary(decoded.problems));
  const redacted = redactor.apply(decoded.value, decoded.warnings);
  if (!redacted.ok) return bareRecord(record, summary(redacted.problems));
  const command_id = commandIdOf(source, offset);
  const { topic, partition } = source;
  const envelope: CommandEnvelope = {
    ...{ command_id, attempt_id: command_id, tenant, door: 'kafka' },
    ...redacted.value,
    warnings: redacted.warnings,
    source: { topic, partition, offset },
  };
  return { record, ...prepareEnvelope(envelope) };
}

/** A record without its bytes: what is in it may not be kept unredacted. They are in the partner's topic still. */
export function bareRecord(record: DeliveredRecord, problem: Problem): UnreadableRecord {
  const bare = { ...record, key: null, headers: {}, value: null };
  return { record: bare, problem, door: 'kafka', identity: NOBODY };
}

/** A record that is none of ours to keep but for its bytes, which nobody could redact. */
function refused(record: DeliveredRecord, problem: Problem): UnreadableRecord {
  const identity = record.undecodable === undefined ? identityNamedIn(record.value) : NOBODY;
  return { record, problem, door: 'kafka', identity };
}

/** A place in the bus is delivered any number of times, and is one command. */
function commandIdOf({ bus, incarnation, topic, partition }: Source, offset: number): string {
  return v5(JSON.stringify([bus, incarnation, topic, partition, offset]), NAMESPACE);
}

/** The partner gets no answer with a list: what is wrong has to be read in one line. */
function summary(problems: readonly Problem[]): Problem {
  const [first] = problems;
  const words = problems.slice(0, PROBLEMS_SHOWN).map(problemText);
  const more = problems.length > PROBLEMS_SHOWN ? ['…'] : [];
  return {
    reason: first?.reason ?? 'malformed_json',
    place: [],
    message: [...words, ...more].join('; '),
  };
}
