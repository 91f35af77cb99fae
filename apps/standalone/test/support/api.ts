/** What the API answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** The API as a client sees it. */
export class Api {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  /** `readAfter`: the token of a write that the answer must show. */
  get(path: string, readAfter: string | null = null): Promise<Answer> {
    return this.call('GET', path, readAfter === null ? {} : { 'parley-read-after': readAfter });
  }

  delete(path: string): Promise<Answer> {
    return this.call('DELETE', path, {});
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const sent = { 'content-type': 'application/json', ...headers };
    return this.call('POST', path, sent, JSON.stringify(body));
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.call('PUT', path, { 'content-type': 'application/json' }, JSON.stringify(body));
  }

  private async call(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Answer> {
    const credential = this.key ? { 'x-api-key': this.key } : {};
    const answer = await fetch(`${this.url}/api/${path}`, {
      method,
      headers: { ...credential, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    const parsed = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    return { status: answer.status, headers: answer.headers, body: parsed };
  }
}
