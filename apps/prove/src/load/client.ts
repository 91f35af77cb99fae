import { type Attempt } from './journal.js';

/** A time-out of the client's own: longer than the bus and then the receipt may take. */
const ANSWER_WITHIN_MS = 15_000;

/** What was answered; `status` is null where the connection broke or nothing came. */
export interface Reply {
  readonly status: number | null;
  readonly retryAfter: string | null;
  readonly text: string;
  readonly headers: Headers | null;
}

const NO_REPLY: Reply = { status: null, retryAfter: null, text: '', headers: null };

/** A program that uses the API with one key. */
export class ApiClient {
  constructor(private readonly key: string) {}

  async post(
    base: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    return this.send(`${base}/api/${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  get(base: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.send(`${base}/api/${path}`, { headers });
  }

  delete(base: string, path: string): Promise<Reply> {
    return this.send(`${base}/api/${path}`, { method: 'DELETE' });
  }

  private async send(url: string, request: RequestInit): Promise<Reply> {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const headers = { 'x-api-key': this.key, ...(request.headers as Record<string, string>) };
    try {
      const answer = await fetch(url, { ...request, headers, signal });
      const text = await answer.text();
      const retryAfter = answer.headers.get('retry-after');
      return { status: answer.status, retryAfter, text, headers: answer.headers };
    } catch {
      return NO_REPLY;
    }
  }
}

/** A request for one attempt: where it goes and what it says. */
export function requestOf(attempt: Pick<Attempt, 'conversation' | 'message' | 'content'>): {
  readonly path: 'conversations' | 'messages';
  readonly body: object;
} {
  const { conversation, message, content } = attempt;
  if (message === null) {
    return {
      path: 'conversations',
      body: {
        conversation_id: conversation,
        agent: 'support_bot',
        timestamp: '2026-01-15T10:30:00Z',
        is_resolved: false,
      },
    };
  }
  return {
    path: 'messages',
    body: {
      message_id: message,
      conversation_id: conversation,
      role: 'customer',
      sender_id: 'customer_123',
      content,
      timestamp: '2026-01-15T10:31:00Z',
    },
  };
}
