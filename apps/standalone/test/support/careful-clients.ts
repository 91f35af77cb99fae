import { Api } from './api.js';

/** Clients that write a message, read it back in two ways at once, and keep a list of whatever went wrong. */
export class CarefulClients {
  /** Requests that were not answered with 200. */
  readonly failed: string[] = [];
  /** Answers without a message that was written before they were asked for. */
  stale = 0;
  written = 0;
  private isOver = false;
  private readonly api: Api;
  private readonly running: Promise<unknown>;

  constructor(url: string, key: string, clients: number) {
    this.api = new Api(url, key);
    const names = Array.from({ length: clients }, (_, number) => `careful-${number}`);
    this.running = Promise.all(names.map((name) => this.run(name)));
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async run(conversation_id: string): Promise<void> {
    const header = { agent: 'support_bot', timestamp: '2026-01-15T10:30:00Z', is_resolved: false };
    await this.answer(this.api.post('conversations', { conversation_id, ...header }));
    for (let count = 1; !this.isOver; count += 1) {
      await this.answer(this.api.post('messages', messageOf(conversation_id, count)));
      this.written += 1;
      const got = this.answer(this.api.get(`conversations/${conversation_id}`));
      const listed = this.answer(this.api.get(`conversations?conversation_id=${conversation_id}`));
      const messages = (await got)?.['messages'] as unknown[] | undefined;
      const rows = (await listed)?.['data'] as { message_count: number }[] | undefined;
      if (messages && messages.length !== count) this.stale += 1;
      if (rows && rows[0]?.message_count !== count) this.stale += 1;
    }
  }

  private async answer(asked: ReturnType<Api['get']>) {
    try {
      const { status, body } = await asked;
      if (status === 200) return body;
      this.failed.push(`${status} ${JSON.stringify(body)}`);
    } catch (error) {
      this.failed.push(String(error));
    }
    return null;
  }
}

function messageOf(conversation_id: string, count: number): object {
  return {
    message_id: `message-${count}`,
    conversation_id,
    role: 'customer',
    sender_id: 'customer_123',
    content: `message ${count}`,
    timestamp: '2026-01-15T10:31:00Z',
  };
}
