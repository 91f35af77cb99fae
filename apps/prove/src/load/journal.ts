import { type FileHandle, open } from 'node:fs/promises';
import { type Reply } from './client.js';

/** One request, of one conversation or of one message in it. */
export interface Attempt {
  readonly conversation: string;
  /** Null for the conversation itself. */
  readonly message: string | null;
  readonly content: string;
  /** Its place among all that was sent and answered. */
  readonly invoked: number;
  /** `ok` was accepted, `fail` was refused, of `info` nobody knows; null while it is under way. */
  outcome: 'ok' | 'fail' | 'info' | null;
  status: number | null;
  /** Whether a 503 said when to come again. */
  isPolite: boolean;
  ended: number;
  readonly startedMs: number;
  endedMs: number;
}

/**
 * What was sent and what was answered, in a file. Each request is on disk before it is sent: what the harness then finds
 * and what it does not find can't be explained away by its own forgetting.
 */
export class Journal {
  readonly attempts: Attempt[] = [];
  private clock = 0;
  private isClosed = false;
  private pending: string[] = [];
  private writing: Promise<void> = Promise.resolve();

  private constructor(private readonly file: FileHandle) {}

  static async open(path: string): Promise<Journal> {
    return new Journal(await open(path, 'a'));
  }

  /** Resolves when the request is on disk and may be sent. */
  async invoke(what: Pick<Attempt, 'conversation' | 'message' | 'content'>): Promise<Attempt> {
    const attempt: Attempt = {
      ...what,
      invoked: (this.clock += 1),
      outcome: null,
      status: null,
      isPolite: true,
      ended: 0,
      startedMs: performance.now(),
      endedMs: 0,
    };
    this.attempts.push(attempt);
    await this.write({ invoke: attempt.invoked, ...what });
    return attempt;
  }

  /** Takes down what was answered, or that nothing was. */
  answered(attempt: Attempt, { status, retryAfter }: Pick<Reply, 'status' | 'retryAfter'>): void {
    attempt.status = status;
    attempt.isPolite = status !== 503 || retryAfter !== null;
    attempt.outcome = outcomeOf(status);
    attempt.ended = this.clock += 1;
    attempt.endedMs = performance.now();
    void this.write({ answer: attempt.invoked, status, outcome: attempt.outcome });
  }

  /** What comes later is not taken down. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.writing;
    await this.file.close();
  }

  /** Lines that come while others are on their way to the disk share the next flush. */
  private write(line: object): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    this.pending.push(`${JSON.stringify(line)}\n`);
    this.writing = this.writing.then(() => this.flush());
    return this.writing;
  }

  private async flush(): Promise<void> {
    if (this.pending.length === 0) return;
    const text = this.pending.join('');
    this.pending = [];
    await this.file.appendFile(text);
    await this.file.datasync();
  }
}

function outcomeOf(status: number | null): Attempt['outcome'] {
  if (status === null || status >= 500) return 'info';
  return status < 300 ? 'ok' : 'fail';
}
