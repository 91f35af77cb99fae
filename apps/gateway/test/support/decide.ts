import {
  type CommandEnvelope,
  messageHash,
  type ReasonCode,
  type Receipt,
} from '@parley/contracts';
import {
  conversation,
  type ConversationRow,
  conversations,
  type ConversationState,
  deletedIdentities,
  deletedTexts,
  dispositionOf,
  findConversation,
  messages,
  readModels,
} from '@parley/domain';
import { EventStore, type LogTransaction } from '@parley/event-store';
import { DomainError } from '@parley/event-sourcing';
import { type TenantDatabases } from '@parley/tenancy';
import { v7 } from 'uuid';
import { type Decide } from './deciding-bus.js';

/** Decides one command a transaction with the real rules, on the real log, read models and receipts. */
export function decideIn(databases: TenantDatabases): Decide {
  return async (envelope) => {
    const store = new EventStore(await databases.pool(envelope.tenant, 'app'), readModels);
    return store.transact('interactive', (tx) => decideOne(tx, envelope));
  };
}

async function decideOne(tx: LogTransaction, envelope: CommandEnvelope): Promise<Receipt> {
  const earlier = await tx.ledger.findReceipts([envelope.command_id]);
  const known = earlier.get(envelope.command_id);
  if (known && known.disposition !== 'rejected') return known;
  const receipt = await carryOut(tx, envelope).catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
    const problem = { reason: error.code as ReasonCode, place: [], message: error.message };
    return { ...baseReceipt(tx, envelope), disposition: 'rejected' as const, problem };
  });
  tx.ledger.addReceipt(receipt);
  return receipt;
}

async function carryOut(tx: LogTransaction, envelope: CommandEnvelope): Promise<Receipt> {
  const { command, door } = envelope;
  const rows = await tx.rows.loadWhere(conversations, 'conversation_id', [
    command.data.conversation_id,
  ]);
  const found = findConversation(rows, command, door);
  const state = await stateOf(tx, envelope, found);
  const events = conversation.decide(state, command, {
    door,
    now: tx.now,
    version: null,
    digest: (text) => tx.digest(text),
    messageHash,
  });
  const streamId = found?.stream_id ?? v7();
  const from = found?.stream_version ?? 0;
  let position: number | null = null;
  for (const [index, event] of events.entries()) {
    if (event.type === 'ConversationDeleted')
      await loadIdentities(tx, streamId, event.data.digests);
    ({ position } = tx.append({
      streamId,
      streamVersion: from + index + 1,
      event,
      occurredAt: BigInt(tx.now),
      contentHash: 'hash' in event.data ? event.data.hash : null,
      subject: streamId,
      source: { door },
    }));
    if (event.type === 'ConversationDeleted') tx.eraseStream(streamId, []);
  }
  return {
    ...baseReceipt(tx, envelope),
    disposition: dispositionOf(command.type, events),
    stream_id: streamId,
    position,
    created_at: createdAt(tx, envelope, streamId),
  };
}

async function loadIdentities(
  tx: LogTransaction,
  stream_id: string,
  digests: readonly string[],
): Promise<void> {
  await tx.rows.load(
    deletedIdentities,
    digests.map((item) => ({ stream_id, item })),
  );
}

async function stateOf(
  tx: LogTransaction,
  { command, door }: CommandEnvelope,
  found: ConversationRow | null,
): Promise<ConversationState> {
  if (found) {
    const item = command.type === 'RecordMessage' ? command.data.message.message_id : '';
    await tx.rows.load(messages, [{ stream_id: found.stream_id, item }]);
    const row = tx.rows.get(messages, found.stream_id, item);
    return { status: 'open', conversation: found, messages: new Map(row ? [[item, row]] : []) };
  }
  const digests = deletedTexts(command, door).map((text) => tx.digest(text));
  const deleted = await tx.rows.loadWhere(deletedIdentities, 'digest', digests);
  return { status: deleted.length > 0 ? 'deleted' : 'absent' };
}

function createdAt(
  tx: LogTransaction,
  { command }: CommandEnvelope,
  streamId: string,
): number | null {
  const row =
    command.type === 'RecordMessage'
      ? tx.rows.get(messages, streamId, command.data.message.message_id)
      : tx.rows.get(conversations, streamId);
  return row ? Number(row.created_at) : null;
}

function baseReceipt(tx: LogTransaction, envelope: CommandEnvelope): Receipt {
  return {
    command_id: envelope.command_id,
    attempt_id: envelope.attempt_id,
    disposition: 'identical',
    stream_id: null,
    stream_version: null,
    position: null,
    content_hash: null,
    request_hash: envelope.request_hash ?? null,
    warnings: envelope.warnings,
    masked: envelope.redaction?.masked ?? [],
    problem: null,
    created_at: null,
    decided_at: tx.now,
  };
}
