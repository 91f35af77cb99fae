import {
  type CommandEnvelope,
  type JsonObject,
  type Receipt,
  clockVersion,
} from '@parley/contracts';
import { type LogTransaction } from '@parley/event-store';
import { decideCommand, type Workplace } from './decide-command.js';
import { type PreparedCommand, prepareEnvelope } from './prepared-record.js';
import { waitingReceipt } from './receipts.js';

/** How long a message of the Kafka door waits for its conversation (D51), in microseconds. */
const WAITS_FOR = 24 * 3600 * 1_000_000;

/**
 * Lets a message of the Kafka door wait where its conversation is not there yet: answers its receipt, or null where
 * the command does not wait. Its version is fixed now, so that it never overwrites what comes before it is woken.
 */
export function waitFor(
  { tx, arrivals }: Workplace,
  { envelope, ...prepared }: PreparedCommand,
  decided: Receipt,
): Receipt | null {
  const { command, door } = envelope;
  const isEarly = decided.problem?.reason === 'conversation_not_found';
  if (!isEarly || door !== 'kafka' || command.type !== 'RecordMessage') return null;
  tx.ledger.addWaiting({
    command_id: envelope.command_id,
    arrived_at: tx.now,
    expires_at: tx.now + WAITS_FOR,
    version: envelope.version ?? clockVersion(tx.now + arrivals.count++),
    door,
    agent_id: command.data.agent_id ?? null,
    conversation_id: command.data.conversation_id,
    message_id: command.data.message.message_id,
    command: envelope as unknown as JsonObject,
  });
  return waitingReceipt(tx, { envelope, ...prepared });
}

/** Reads what waits for the conversations that these commands may open; answers it as it would be decided. */
export async function loadWaiting(
  tx: LogTransaction,
  commands: readonly PreparedCommand[],
): Promise<readonly PreparedCommand[]> {
  const opening = commands.filter(({ envelope }) => envelope.command.type === 'RecordConversation');
  const ids = opening.map(({ envelope }) => envelope.command.data.conversation_id);
  const waiting = await tx.ledger.loadWaiting(ids);
  return waiting.map(({ command }) => prepareEnvelope(command as unknown as CommandEnvelope));
}

/** Decides what waited for the conversation that a command has just opened or reassigned, oldest first. */
export function wake(place: Workplace, { envelope }: PreparedCommand, receipt: Receipt): void {
  const { command } = envelope;
  const canWake = receipt.disposition === 'created' || receipt.disposition === 'updated';
  if (command.type !== 'RecordConversation' || !canWake) return;
  const { agent_id, conversation_id } = command.data;
  for (const { command: waited, version } of place.tx.ledger.takeWaiting(
    agent_id,
    conversation_id,
  )) {
    const woken = prepareEnvelope(waited as unknown as CommandEnvelope);
    place.tx.ledger.addReceipt(decideCommand(place, woken, version));
  }
}
