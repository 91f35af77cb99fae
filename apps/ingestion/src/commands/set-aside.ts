import { type Receipt } from '@parley/contracts';
import { type DeadLetter, type LogTransaction } from '@parley/event-store';
import { decidedBefore, settle } from './apply-chunk.js';
import { type FreshRecord, takeFresh } from './applied-offsets.js';
import { commandLetter, unreadableLetter } from './dead-letter.js';
import {
  type Delivery,
  type DoneRecord,
  INTERNAL_ERROR,
  isCommand,
  type PreparedRecord,
} from './prepared-record.js';
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
    if (!('isDone' in prepared)) keep(tx, { ...record, prepared }, attempts);
    if (!isCommand(prepared) || decidedBefore(tx, prepared)) return [];
    const receipt = rejectedReceipt(tx, prepared, INTERNAL_ERROR);
    tx.ledger.addReceipt(receipt);
    return [receipt];
  });
}

type Failed = FreshRecord & { readonly prepared: Exclude<PreparedRecord, DoneRecord> };

function keep(tx: LogTransaction, failed: Failed, attempts: number): void {
  const { letterId } = failed.prepared;
  if (letterId === undefined) tx.ledger.addDeadLetter({ ...letterOf(tx, failed), attempts });
  else settle(tx, letterId, INTERNAL_ERROR);
}

function letterOf({ now }: LogTransaction, { source, prepared }: Failed): DeadLetter {
  return isCommand(prepared)
    ? commandLetter({ source, record: prepared.record }, prepared, { problem: INTERNAL_ERROR, now })
    : unreadableLetter(source, prepared, now);
}
