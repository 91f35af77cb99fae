import {
  type CommandEnvelope,
  decodeCommand,
  type Door,
  DOORS,
  type HeaderFields,
  type MessageFields,
  messageHash,
  messagesOf,
  type NamedIdentity,
  type Problem,
} from '@parley/contracts';
import { type DeliveredRecord, type Source } from '@parley/messaging';

/** A command ready to be decided: its messages are hashed, before any lock is taken. */
export interface PreparedCommand {
  /** The dead letter that it is redriven from. */
  readonly letterId?: string;
  readonly envelope: CommandEnvelope;
  readonly hashes: ReadonlyMap<MessageFields, string>;
  readonly sentHashes: ReadonlyMap<HeaderFields | MessageFields, string>;
}

/** A record that says nothing that could be recorded; it becomes a dead letter, of the conversation that it names. */
export interface UnreadableRecord {
  /** The dead letter that it is redriven from. */
  readonly letterId?: string;
  readonly record: DeliveredRecord;
  readonly problem: Problem;
  readonly door: Door;
  readonly identity: NamedIdentity;
}

/** What a record names that says nothing. */
export const NOBODY: NamedIdentity = { agent_id: null, conversation_id: null, message_id: null };

/** A record that asks for what is done already. */
export interface DoneRecord {
  readonly record: DeliveredRecord;
  readonly isDone: true;
}

/** A record as the transaction takes it. */
export type PreparedRecord =
  (PreparedCommand & { readonly record: DeliveredRecord }) | UnreadableRecord | DoneRecord;

/** What one chunk of the bus holds for one tenant, in the order of its offsets. */
export interface Delivery {
  readonly source: Source;
  readonly highWater: number;
  readonly records: readonly PreparedRecord[];
}

/** What is said of a record that we fail to apply by our own fault. */
export const INTERNAL_ERROR: Problem = {
  reason: 'internal_error',
  place: [],
  message: 'applying it failed on our side',
};

/** Whether a record could be read. */
export function isCommand(
  prepared: PreparedRecord,
): prepared is Extract<PreparedRecord, PreparedCommand> {
  return 'envelope' in prepared;
}

/** Decodes a command's record and hashes its messages; never throws for what the record holds. */
export function prepare(record: DeliveredRecord): PreparedRecord {
  const { undecodable } = record;
  if (undecodable !== undefined) return unreadable(record, undecodableProblem(undecodable));
  const decoded = decodeCommand(record);
  if (!decoded.ok) {
    const [problem = { reason: 'malformed_json', place: [], message: 'unreadable' } as const] =
      decoded.problems;
    return unreadable(record, problem);
  }
  return { record, ...prepareEnvelope(decoded.value) };
}

/** A record of our own topics that no door of ours could have published. */
export function unreadable(record: DeliveredRecord, problem: Problem): UnreadableRecord {
  const text = (name: string) =>
    record.headers[name]?.toString('utf8').replaceAll('\0', '') ?? null;
  const door = DOORS.find((known) => text('ce_source') === `/doors/${known}`) ?? 'kafka';
  return { record, problem, door, identity: { ...NOBODY, conversation_id: text('ce_subject') } };
}

/** What is said of records that the bus can't open. */
export function undecodableProblem(reason: string): Problem {
  return { reason: 'undecodable_batch', place: [], message: reason };
}

/** Hashes the messages of a command. */
export function prepareEnvelope(envelope: CommandEnvelope): PreparedCommand {
  const messages = messagesOf(envelope.command);
  const hashes = messages.map((message) => [message, messageHash(message)] as const);
  return { envelope, hashes: new Map(hashes), sentHashes: sentHashesOf(envelope, messages) };
}

/** The tenant that a record names, read or not; null where it names none. */
export function tenantOf(record: DeliveredRecord): string | null {
  return record.headers['ce_tenant']?.toString('utf8') ?? null;
}

const NONE: PreparedCommand['sentHashes'] = new Map();

/** The hashes of what was sent, where redaction made it something else. */
function sentHashesOf(
  { command, redaction }: CommandEnvelope,
  messages: readonly MessageFields[],
): PreparedCommand['sentHashes'] {
  if (!redaction) return NONE;
  const { header_hash, message_hashes = [] } = redaction;
  const hashes = new Map<HeaderFields | MessageFields, string>();
  if (command.type === 'RecordConversation' && header_hash !== undefined)
    hashes.set(command.data.header, header_hash);
  messages.forEach((message, index) => {
    const hash = message_hashes[index];
    if (typeof hash === 'string') hashes.set(message, hash);
  });
  return hashes;
}
