import { hash } from 'node:crypto';

const HASH_BYTES = 6;

/**
 * Which messages of which conversations a manifest names: of each message only a short hash, so that a million of them
 * fit. One that is not named is taken for one that is about once in 300 million times.
 */
export class ListedMessages {
  private readonly conversations = new Set<string>();
  private readonly messages = new Set<number>();

  /** The streams of the conversations that were named. */
  get streams(): readonly string[] {
    return [...this.conversations];
  }

  /** Takes note of a record that is there; null is the header. */
  add(streamId: string, messageId: string | null): void {
    this.conversations.add(streamId);
    if (messageId !== null) this.messages.add(shortHash(streamId, messageId));
  }

  has(streamId: string, messageId: string): boolean {
    return this.messages.has(shortHash(streamId, messageId));
  }
}

function shortHash(streamId: string, messageId: string): number {
  return hash('sha256', `${streamId}/${messageId}`, 'buffer').readUIntBE(0, HASH_BYTES);
}
