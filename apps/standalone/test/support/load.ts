import { eventually } from '@parley/testing';

/** A message that the service said yes to: 200 once it is in the log, 202 once the bus has it. */
export interface Acknowledged {
  readonly conversation: string;
  readonly message: string;
}

/** Writers that each wait for an answer before they send the next message of their conversation. */
export class Load {
  readonly acknowledged: Acknowledged[] = [];
  private isOver = false;
  private readonly writers: Promise<void>[];

  constructor(
    private readonly url: string,
    private readonly key: string,
    writers: number,
  ) {
    this.writers = Array.from({ length: writers }, (_, number) => this.write(`writer-${number}`));
  }

  /** Resolves when `more` messages more have been acknowledged. */
  async goesOnFor(more: number): Promise<void> {
    const goal = this.acknowledged.length + more;
    await eventually(
      () => {
        if (this.acknowledged.length < goal) throw new Error('the load stands still');
      },
      { timeoutMs: 60_000 },
    );
  }

  /** Resolves when each writer has a last message in the log, and so all that it sent before has been dealt with. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.writers);
  }

  private async write(conversation: string): Promise<void> {
    await this.insist('conversations', {
      conversation_id: conversation,
      agent: 'support_bot',
      timestamp: '2026-01-15T10:30:00Z',
      is_resolved: false,
    });
    for (let count = 0; !this.isOver; count += 1) {
      // Every third only waits for the bus: what is accepted must not be lost either.
      await this.writeMessage(conversation, `message-${count}`, count % 3 === 2);
    }
    await this.writeMessage(conversation, 'last message', false);
  }

  private async writeMessage(conversation: string, message: string, isAsync: boolean) {
    await this.insist('messages', messageBody(conversation, message), isAsync);
    this.acknowledged.push({ conversation, message });
  }

  /** Sends until it is acknowledged: a cut connection or a 503 says nothing about what became of it. */
  private async insist(path: string, body: object, isAsync = false): Promise<void> {
    await eventually(
      async () => {
        const status = await this.send(path, body, isAsync);
        if (status !== 200 && status !== 202)
          throw new Error(`${path} was answered with ${status}`);
      },
      { timeoutMs: 60_000 },
    );
  }

  private async send(path: string, body: object, isAsync: boolean): Promise<number | null> {
    const headers = {
      'content-type': 'application/json',
      'x-api-key': this.key,
      ...(isAsync ? { prefer: 'respond-async' } : {}),
    };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    try {
      const answer = await fetch(`${this.url}/api/${path}`, request);
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return null;
    }
  }
}

function messageBody(conversation_id: string, message_id: string): object {
  return {
    message_id,
    conversation_id,
    role: 'customer',
    sender_id: 'customer_123',
    content: `${message_id} of ${conversation_id}`,
    timestamp: '2026-01-15T10:31:00Z',
  };
}
