import { type CommandEnvelope, type Problem } from '@parley/contracts';
import { type DeadLetter, type LogTransaction, type WaitingRecord } from '@parley/event-store';
import { commandLetter } from '../commands/dead-letter.js';
import { type PreparedCommand, prepareEnvelope } from '../commands/prepared-record.js';
import { rejectedReceipt } from '../commands/receipts.js';

const PROBLEM: Problem = {
  reason: 'conversation_not_found',
  place: [],
  message: 'its conversation did not come within 24 hours',
};

/** Turns some of what has waited too long into dead letters, its receipts into refusals (D51); answers how many. */
export async function expireWaiting(tx: LogTransaction): Promise<number> {
  const expired = await tx.ledger.expireWaiting(tx.now);
  for (const waiting of expired) {
    const prepared = prepareEnvelope(waiting.command as unknown as CommandEnvelope);
    tx.ledger.addDeadLetter(expiredLetter(waiting, prepared, tx.now));
    tx.ledger.addReceipt(rejectedReceipt(tx, prepared, PROBLEM));
  }
  return expired.length;
}

function expiredLetter(
  { arrived_at, version }: WaitingRecord,
  prepared: PreparedCommand,
  now: number,
): DeadLetter {
  return { ...commandLetter(null, prepared, { problem: PROBLEM, now }), arrived_at, version };
}
