import { randomUUID } from 'node:crypto';
import { type CommandEnvelope, type Problem } from '@parley/contracts';
import { type DeadLetter, type LogTransaction, type WaitingRecord } from '@parley/event-store';
import { prepareEnvelope } from '../commands/prepared-record.js';
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
    tx.ledger.addDeadLetter(expiredLetter(waiting, tx.now));
    const prepared = prepareEnvelope(waiting.command as unknown as CommandEnvelope);
    tx.ledger.addReceipt(rejectedReceipt(tx, prepared, PROBLEM));
  }
  return expired.length;
}

function expiredLetter(waiting: WaitingRecord, now: number): DeadLetter {
  return {
    id: randomUUID(),
    arrived_at: waiting.arrived_at,
    version: waiting.version,
    door: waiting.door,
    reason: PROBLEM.reason,
    detail: PROBLEM.message,
    bus_id: null,
    incarnation: null,
    topic: null,
    partition: null,
    offset: null,
    record_key: null,
    headers: null,
    value: Buffer.from(JSON.stringify(waiting.command)),
    agent_id: waiting.agent_id,
    conversation_id: waiting.conversation_id,
    message_id: waiting.message_id,
    stream_id: null,
    attempts: 1,
    first_failed_at: now,
    last_failed_at: now,
  };
}
