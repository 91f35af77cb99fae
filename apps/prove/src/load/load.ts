import { setTimeout as delay } from 'node:timers/promises';
import { type Random } from '../nemesis/random.js';
import { ApiClient, type Reply, requestOf } from './client.js';
import { type Attempt, Journal } from './journal.js';

/**
 * `perSecond` requests begin each second, whatever becomes of the earlier ones. A `asyncShare` of the messages asks not
 * to wait for its receipt. `urls` is asked anew for each request. With `tries` a request that nobody answered is sent
 * again as it was; with `isRevising` each message is sent once more with another content. What has to come is waited
 * for as long as `patienceMs`. `sendDirectly` is another way than the API for all that is not insisted on.
 */
export interface LoadOptions {
  readonly urls: () => readonly string[];
  readonly key: string;
  readonly journal: string;
  readonly random: Random;
  readonly perSecond?: number;
  readonly asyncShare?: number;
  readonly conversations?: number;
  readonly tries?: number;
  readonly isRevising?: boolean;
  readonly prefix?: string;
  readonly patienceMs?: number;
  readonly sendDirectly?: (what: What) => Promise<Reply>;
}

/** What a request says. */
export type What = Pick<Attempt, 'conversation' | 'message' | 'content'>;

interface Conversation {
  readonly id: string;
  isOpen: boolean;
  messages: number;
}

const AT_ONCE = 16;

/**
 * Writers of conversations, open-loop: a writer waits for an answer before the next message of its conversation, the
 * load as a whole never waits; where all its conversations are busy it begins another one.
 */
export class Load {
  /** How often something that had to come did not come in time. */
  stuck = 0;
  private isClosed = false;
  private readonly client: ApiClient;
  private readonly free: Conversation[] = [];
  private readonly all: Conversation[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private readonly stopped = new AbortController();
  private readonly ticking: Promise<void>;

  private constructor(
    readonly journal: Journal,
    private readonly options: LoadOptions,
  ) {
    this.client = new ApiClient(options.key);
    const { conversations = 40 } = options;
    for (let count = 0; count < conversations; count += 1) this.free.push(this.another());
    this.ticking = this.tick();
  }

  static async start(options: LoadOptions): Promise<Load> {
    return new Load(await Journal.open(options.journal), options);
  }

  get attempts(): readonly Attempt[] {
    return this.journal.attempts;
  }

  /**
   * Resolves when so many requests that began from now (or `since`) on are in the log. Where that takes too long the
   * load is `stuck`, and goes on.
   */
  async acknowledged(count: number, since = performance.now()): Promise<void> {
    const isOne = ({ status, startedMs }: Attempt) => status === 200 && startedMs >= since;
    await this.patiently(async () => this.attempts.filter(isOne).length >= count);
  }

  /** Sends nothing new and resolves when all is answered, or is known to stay without an answer. */
  async pause(): Promise<void> {
    this.stopped.abort();
    await this.ticking;
    await Promise.all(this.underWay);
  }

  /**
   * Ends the load. A last message of each conversation, sent until it is in the log, shows that all that was published
   * before it has been dealt with.
   */
  async stop(): Promise<void> {
    await this.pause();
    await this.insist('last');
  }

  /** Ends it whatever is under way. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.pause();
    await this.journal.close();
  }

  /** Sends a message of this id to every conversation until each is in the log. */
  async insist(message: string): Promise<void> {
    const open = this.all.filter(({ isOpen }) => isOpen);
    const work = async () => {
      for (let next = open.pop(); next; next = open.pop()) await this.insistOn(next.id, message);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  private async tick(): Promise<void> {
    const everyMs = 1000 / (this.options.perSecond ?? 60);
    const start = performance.now();
    for (let count = 1; !this.stopped.signal.aborted; count += 1) {
      const conversation = this.free.shift() ?? this.another();
      const work = this.next(conversation).finally(() => {
        this.free.push(conversation);
        this.underWay.delete(work);
      });
      this.underWay.add(work);
      const wait = start + count * everyMs - performance.now();
      await delay(Math.max(0, wait), undefined, { signal: this.stopped.signal }).catch(
        () => undefined,
      );
    }
  }

  private another(): Conversation {
    const id = `${this.options.prefix ?? 'c'}-${this.all.length}`;
    const conversation = { id, isOpen: false, messages: 0 };
    this.all.push(conversation);
    return conversation;
  }

  private async next(conversation: Conversation): Promise<void> {
    const { id, isOpen } = conversation;
    if (!isOpen) {
      const opening = { conversation: id, message: null, content: '' };
      const { sendDirectly = (what: What) => this.ask(what) } = this.options;
      const status = await this.attempt(opening, sendDirectly);
      conversation.isOpen = status === 200 || status === 202;
      return;
    }
    const message = `m-${(conversation.messages += 1)}`;
    const content = contentOf(id, message);
    await this.attemptOften({ conversation: id, message, content });
    if (this.options.isRevising) {
      await this.attemptOften({ conversation: id, message, content: `${content}, revised` });
    }
  }

  private async attemptOften(what: What): Promise<void> {
    const { random, asyncShare = 0.3, tries = 1 } = this.options;
    const isAsync = random.next() < asyncShare;
    const { sendDirectly = (one: What) => this.ask(one, isAsync) } = this.options;
    for (let count = 1; count <= tries; count += 1) {
      const status = await this.attempt(what, sendDirectly);
      if (status !== null && status < 500) return;
    }
  }

  private async insistOn(conversation: string, message: string): Promise<void> {
    const what = { conversation, message, content: contentOf(conversation, message) };
    await this.patiently(async () => (await this.attempt(what, (one) => this.ask(one))) === 200);
  }

  private async patiently(isDone: () => Promise<boolean>): Promise<void> {
    const { patienceMs = 90_000 } = this.options;
    const deadline = performance.now() + patienceMs;
    while (!(await isDone())) {
      if (this.isClosed) return;
      if (performance.now() > deadline) {
        this.stuck += 1;
        return;
      }
      await delay(50);
    }
  }

  private async attempt(what: What, send: (what: What) => Promise<Reply>): Promise<number | null> {
    const attempt = await this.journal.invoke(what);
    const reply = await send(what);
    this.journal.answered(attempt, reply);
    return reply.status;
  }

  /** Asks any of the gateways. */
  private ask(what: What, isAsync = false): Promise<Reply> {
    const urls = this.options.urls();
    const url = urls[Math.floor(this.options.random.next() * urls.length)] ?? '';
    const { path, body } = requestOf(what);
    const headers: Record<string, string> = isAsync ? { prefer: 'respond-async' } : {};
    return this.client.post(url, path, body, headers);
  }
}

function contentOf(conversation: string, message: string): string {
  return `${message} of ${conversation}`;
}
