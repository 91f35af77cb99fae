import { type CommandRedaction, type IngestionCommand, messagesOf } from './commands.js';

const SHA_256 = /^[0-9a-f]{64}$/;

/** A content hash as the ledger can keep it: SHA-256 in lower-case hex. */
export function isSha256(value: unknown): value is string {
  return typeof value === 'string' && SHA_256.test(value);
}

/** Whether the hashes of what was sent have their form, and one stands for each message of the command. */
export function fitsCommand(redaction: CommandRedaction, command: IngestionCommand): boolean {
  const { header_hash, message_hashes } = redaction;
  if (header_hash !== undefined && !isSha256(header_hash)) return false;
  if (message_hashes === undefined) return true;
  return (
    message_hashes.length === messagesOf(command).length &&
    message_hashes.every((hash) => hash === null || isSha256(hash))
  );
}
