import {
  type CommandEnvelope,
  type ConversationEvent,
  type IngestionCommand,
} from '@parley/contracts';
import {
  type ConversationRow,
  conversations,
  type ConversationState,
  deletedIdentities,
  deletedTexts,
  findConversation,
  type MessageRow,
  messages,
} from '@parley/domain';
import { type LogTransaction } from '@parley/event-store';

/**
 * The rows that a chunk's decisions need, read in bulk under the log lock; as events are appended the rows change in
 * memory, so that each command sees what the ones before it in the chunk did.
 */
export class WorkingSet {
  private readonly streams = new Map<string, Set<string>>();
  private readonly digests = new Map<string, string>();
  private readonly subjects = new Map<string, string>();
  private readonly deleted = new Set<string>();

  constructor(private readonly tx: LogTransaction) {}

  /** Reads what these commands need of conversations that are loaded. */
  async load(envelopes: readonly CommandEnvelope[]): Promise<void> {
    await Promise.all([this.loadMessages(envelopes), this.loadDeleted(envelopes)]);
  }

  /** Reads the conversations that these commands may mean. */
  async loadConversations(envelopes: readonly CommandEnvelope[]): Promise<void> {
    const ids = new Set(envelopes.map(({ command }) => command.data.conversation_id));
    const rows = await this.tx.rows.loadWhere(conversations, 'conversation_id', [...ids]);
    for (const row of rows) this.addStream(row.conversation_id, row.stream_id);
  }

  /** The conversation that a command means; throws `ambiguous_conversation`. */
  find({ command, door }: CommandEnvelope): ConversationRow | null {
    return findConversation(this.candidates(command.data.conversation_id), command, door);
  }

  /** What the rules see of it: `found` is what `find` answered. */
  state({ command, door }: CommandEnvelope, found: ConversationRow | null): ConversationState {
    const texts = deletedTexts(command, door, found);
    if (texts.some((text) => this.deleted.has(this.digest(text)))) return { status: 'deleted' };
    if (!found) return { status: 'absent' };
    return { status: 'open', conversation: found, messages: this.messagesOf(found, command) };
  }

  /** The row of a message as it is now. */
  message(streamId: string, messageId: string): MessageRow | null {
    return this.tx.rows.get(messages, streamId, messageId);
  }

  /** The row of a conversation as it is now. */
  conversation(streamId: string): ConversationRow | null {
    return this.tx.rows.get(conversations, streamId);
  }

  /** Takes note of what an event of this chunk opened or deleted. */
  follow(streamId: string, event: ConversationEvent): void {
    if (event.type === 'ConversationOpened') this.addStream(event.data.conversation_id, streamId);
    if (event.type === 'ConversationDeleted') this.addDeleted(event.data.digests);
  }

  /** The keyed digest of an identity, computed once a chunk. */
  digest(text: string): string {
    const known = this.digests.get(text);
    if (known !== undefined) return known;
    const digest = this.tx.digest(text);
    this.digests.set(text, digest);
    return digest;
  }

  /** Whose data a sender's messages are: a keyed digest in the form of a uuid. */
  subject(senderId: string): string {
    const known = this.subjects.get(senderId);
    if (known !== undefined) return known;
    const hex = this.digest(JSON.stringify(['sender', senderId]));
    const [a, b, c] = [hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
    const subject = `${hex.slice(0, 8)}-${a}-${b}-${c}-${hex.slice(20, 32)}`;
    this.subjects.set(senderId, subject);
    return subject;
  }

  private addStream(conversationId: string, streamId: string): void {
    const streams = this.streams.get(conversationId) ?? new Set();
    this.streams.set(conversationId, streams.add(streamId));
  }

  private addDeleted(digests: readonly string[]): void {
    digests.forEach((digest) => this.deleted.add(digest));
  }

  private candidates(conversationId: string): ConversationRow[] {
    const found: ConversationRow[] = [];
    for (const streamId of this.streams.get(conversationId) ?? []) {
      const row = this.conversation(streamId);
      if (row) found.push(row);
    }
    return found;
  }

  private messagesOf(found: ConversationRow, command: IngestionCommand): Map<string, MessageRow> {
    const rows = new Map<string, MessageRow>();
    for (const id of messageIds(command)) {
      const row = this.message(found.stream_id, id);
      if (row) rows.set(id, row);
    }
    return rows;
  }

  private async loadMessages(envelopes: readonly CommandEnvelope[]): Promise<void> {
    const keys = envelopes.flatMap(({ command }) => {
      const streams = Array.from(this.streams.get(command.data.conversation_id) ?? []);
      const items = messageIds(command);
      return streams.flatMap((stream_id) => items.map((item) => ({ stream_id, item })));
    });
    await this.tx.rows.load(messages, keys);
  }

  private async loadDeleted(envelopes: readonly CommandEnvelope[]): Promise<void> {
    const absent = envelopes.filter(
      ({ command }) =>
        !this.candidates(command.data.conversation_id).some(
          (row) => command.data.agent_id === undefined || row.agent_id === command.data.agent_id,
        ),
    );
    const texts = new Set(absent.flatMap(({ command, door }) => deletedTexts(command, door)));
    const digests = Array.from(texts, (text) => this.digest(text));
    const rows = await this.tx.rows.loadWhere(deletedIdentities, 'digest', digests);
    this.addDeleted(rows.map((row) => row.digest));
  }
}

function messageIds(command: IngestionCommand): readonly string[] {
  switch (command.type) {
    case 'RecordConversation':
      return command.data.messages.map((message) => message.message_id);
    case 'RecordMessage':
      return [command.data.message.message_id];
    case 'DeleteConversation':
      return [];
  }
}
