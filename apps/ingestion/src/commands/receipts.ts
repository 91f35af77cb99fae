import { type ConversationEvent, type Problem, type Receipt } from '@parley/contracts';
import { type LogTransaction } from '@parley/event-store';
import { type Recorded } from '@parley/event-sourcing';
import { type PreparedCommand } from './prepared-record.js';

/** What a receipt points at: the last event of the command, or the row that made it identical. */
export interface Evidence {
  readonly stream_version: number;
  readonly position: number;
  readonly content_hash: string | null;
  readonly created_at: bigint;
}

/** The part that every receipt has, whatever became of the command. */
function baseReceipt(tx: LogTransaction, { envelope }: PreparedCommand): Receipt {
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

/** The receipt of a command that was refused. It says nothing of what was sent: no deletion would ever reach it. */
export function rejectedReceipt(
  tx: LogTransaction,
  prepared: PreparedCommand,
  problem: Problem,
): Receipt {
  return { ...anonymous(baseReceipt(tx, prepared)), disposition: 'rejected', problem };
}

/** The receipt of a command that waits for its conversation (D51). */
export function waitingReceipt(tx: LogTransaction, prepared: PreparedCommand): Receipt {
  return { ...anonymous(baseReceipt(tx, prepared)), disposition: 'waiting' };
}

function anonymous(receipt: Receipt): Receipt {
  return { ...receipt, request_hash: null, warnings: [], masked: [] };
}

/** The receipt of a command that was carried out, or had nothing to change. */
export function carriedOutReceipt(
  tx: LogTransaction,
  prepared: PreparedCommand,
  decided: {
    readonly disposition: Receipt['disposition'];
    readonly streamId: string;
    readonly row: Evidence;
    readonly last: Recorded<ConversationEvent> | undefined;
  },
): Receipt {
  const { disposition, streamId, row, last } = decided;
  return {
    ...baseReceipt(tx, prepared),
    disposition,
    stream_id: streamId,
    stream_version: last?.streamVersion ?? row.stream_version,
    position: last?.position ?? row.position,
    content_hash: row.content_hash,
    created_at: Number(row.created_at),
  };
}
