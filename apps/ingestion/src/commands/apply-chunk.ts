import { type Problem, type Receipt } from '@parley/contracts';
import { type LogTransaction } from '@parley/event-store';
import { type Source } from '@parley/messaging';
import { type FreshRecord, takeFresh } from './applied-offsets.js';
import { commandLetter, unreadableLetter } from './dead-letter.js';
import { decideCommand, type Workplace } from './decide-command.js';
import {
  type Delivery,
  isCommand,
  type PreparedCommand,
  type PreparedRecord,
  type UnreadableRecord,
} from './prepared-record.js';
import { loadWaiting, waitFor, wake } from './waiting.js';
import { WorkingSet } from './working-set.js';

/**
 * Applies the deliveries of one tenant in one transaction: events, read models, receipts, dead letters and offsets.
 * Answers the receipts, those of repeated commands included, for whoever waits for them.
 */
export async function applyChunk(
  tx: LogTransaction,
  deliveries: readonly Delivery[],
): Promise<readonly Receipt[]> {
  const set = new WorkingSet(tx);
  const [fresh, waiting] = await lookAround(set, tx, deliveries);
  const commands: FreshCommand[] = [];
  for (const { source, prepared } of fresh) {
    if (isCommand(prepared)) commands.push({ source, prepared });
    else if ('problem' in prepared) keepUnreadable(tx, source, prepared);
  }
  const pending = commands.filter(({ prepared }) => !decidedBefore(tx, prepared));
  const envelopes = pending.map(({ prepared }) => prepared.envelope);
  await set.load([...envelopes, ...waiting.map(({ envelope }) => envelope)]);
  const place = { tx, set, arrivals: { count: 0 } };
  return commands.map((command) => decideOnce(place, command));
}

interface FreshCommand extends FreshRecord {
  readonly prepared: Extract<PreparedRecord, PreparedCommand>;
}

/** All that can be asked before anything is known, in one go: it travels together. */
async function lookAround(set: WorkingSet, tx: LogTransaction, deliveries: readonly Delivery[]) {
  const commands = deliveries.flatMap(({ records }) => records.filter(isCommand));
  const envelopes = commands.map(({ envelope }) => envelope);
  const [fresh, waiting] = await Promise.all([
    takeFresh(tx, deliveries),
    loadWaiting(tx, commands),
    set.loadConversations(envelopes),
    tx.ledger.findReceipts(envelopes.map(({ command_id }) => command_id)),
  ]);
  return [fresh, waiting] as const;
}

function decideOnce(place: Workplace, { source, prepared: command }: FreshCommand): Receipt {
  const { tx } = place;
  const earlier = decidedBefore(tx, command);
  if (earlier) {
    if (command.letterId !== undefined) settle(tx, command.letterId, earlier.problem);
    return earlier;
  }
  const decided = decideCommand(place, command, command.envelope.version ?? null);
  const receipt = waitFor(place, command, decided) ?? decided;
  tx.ledger.addReceipt(receipt);
  if (isUnheard(command, receipt)) {
    const refusal = { problem: receipt.problem, now: tx.now };
    tx.ledger.addDeadLetter(commandLetter({ source, record: command.record }, command, refusal));
  }
  if (command.letterId !== undefined) settle(tx, command.letterId, receipt.problem);
  wake(place, command, receipt);
  return receipt;
}

/** Whoever sent it by Kafka asks for no receipt: a refusal that is to be found must be a dead letter. */
function isUnheard(
  { envelope, letterId }: PreparedCommand,
  receipt: Receipt,
): receipt is Receipt & { readonly problem: Problem } {
  return letterId === undefined && envelope.door === 'kafka' && receipt.problem !== null;
}

function keepUnreadable(tx: LogTransaction, source: Source, prepared: UnreadableRecord): void {
  if (prepared.letterId === undefined)
    tx.ledger.addDeadLetter(unreadableLetter(source, prepared, tx.now));
  else settle(tx, prepared.letterId, prepared.problem);
}

/** A letter that was tried again is gone, or stays for a reason of today. */
export function settle(tx: LogTransaction, id: string, problem: Problem | null): void {
  if (problem === null) return tx.ledger.settleDeadLetter(id);
  const { reason, message: detail } = problem;
  tx.ledger.failDeadLetterAgain({ id, reason, detail, last_failed_at: tx.now });
}

/** A command is decided once; one that was rejected is decided anew when it is sent again. */
export function decidedBefore(tx: LogTransaction, { envelope }: PreparedCommand): Receipt | null {
  const receipt = tx.ledger.receipt(envelope.command_id);
  return receipt && receipt.disposition !== 'rejected' ? receipt : null;
}
