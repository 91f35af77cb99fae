import { clockVersion, type Receipt } from '@parley/contracts';
import { type DeadLetter, type LogTransaction } from '@parley/event-store';
import { decidedBefore } from './apply-chunk.js';
import { type FreshRecord, takeFresh } from './applied-offsets.js';
import { deadLetter } from './dead-letter.js';
import { type Delivery, INTERNAL_ERROR, isCommand } from './prepared-record.js';
import { rejectedReceipt } from './receipts.js';

/**
 * Moves past records that can't be applied, whatever the reason: a dead letter for each, with its bytes, and a refusal
 * for its command, so that nobody waits for it. It goes on when the letter is redriven after a repair.
 */
export async function setAside(
  tx: LogTransaction,
  delivery: Delivery,
  attempts: number,
): Promise<readonly Receipt[]> {
  const ids = delivery.records.filter(isCommand).map(({ envelope }) => envelope.command_id);
  const [fresh] = await Promise.all([takeFresh(tx, [delivery]), tx.ledger.findReceipts(ids)]);
  return fresh.flatMap((record) => {
    const { prepared } = record;
    tx.ledger.addDeadLetter({ ...letterOf(tx, record), attempts });
    if (!isCommand(prepared) || decidedBefore(tx, prepared)) return [];
    const receipt = rejectedReceipt(tx, prepared, INTERNAL_ERROR);
    tx.ledger.addReceipt(receipt);
    return [receipt];
  });
}

function letterOf(tx: LogTransaction, { source, prepared }: FreshRecord): DeadLetter {
  if (!isCommand(prepared)) return deadLetter({ source }, prepared, tx.now);
  const { record, envelope } = prepared;
  const { data } = envelope.command;
  return {
    ...deadLetter({ source }, { record, problem: INTERNAL_ERROR }, tx.now),
    // What comes after it must not be overwritten when it is redriven.
    version: envelope.version ?? clockVersion(tx.now),
    agent_id: data.agent_id ?? null,
    conversation_id: data.conversation_id,
    message_id: 'message' in data ? data.message.message_id : null,
  };
}
