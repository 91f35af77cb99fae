import { type GatewayConfig } from '../config.js';
import { type HttpProblem, problem } from '../errors/http-problem.js';
import { type ReceiptWaiter } from '../receipts/receipt-waiter.js';
import { commandIdAt } from '../uploads/command-ids.js';
import { type HeadWatch } from './head-watch.js';
import { type ReadAfterTokens, type Undecided } from './read-after-tokens.js';

/** What a read must show: the log up to `position` at least, 0 where nothing was asked for; and until when it may wait. */
export interface ReadAfter {
  readonly position: number;
  readonly deadline: number;
}

/** What it stands on. */
export interface ReadAfterParts {
  readonly tokens: ReadAfterTokens;
  readonly heads: HeadWatch;
  readonly waiter: ReceiptWaiter;
  readonly config: Pick<GatewayConfig, 'READ_AFTER_TIMEOUT_MS'>;
}

/** Holds reads back until they show what was written: what is applied is readable, as one transaction writes both. */
export class ReadAfterGate {
  constructor(private readonly parts: ReadAfterParts) {}

  /**
   * Resolves when what the token stands for can be read, with the position that the log has got to for that, and with
   * when a read must be through that has more to wait for.
   * Throws a 400 for a token that is none of this tenant's, a 409 for one of a log since restored, a 503 where it takes
   * too long.
   */
  async pass(tenant: string, token: string): Promise<ReadAfter> {
    const deadline = Date.now() + this.parts.config.READ_AFTER_TIMEOUT_MS;
    return { deadline, position: await this.reach(tenant, token, deadline) };
  }

  private async reach(tenant: string, token: string, deadline: number): Promise<number> {
    const { tokens } = this.parts;
    const wanted = tokens.open(await tokens.scopeOf(tenant), token);
    if (!wanted) {
      throw problem(400, 'bad_header', 'Parley-Read-After is none of this account, or too old');
    }
    const { position, undecided } = wanted;
    const decided = undecided ? await this.decided(tenant, undecided, deadline) : 0;
    if (position === 0) return decided;
    const head = await this.parts.heads.reach(tenant, position, deadline - Date.now());
    if (head === null) throw notYet();
    return Math.max(decided, position);
  }

  /** The highest position that the commands led to, once all of them are decided. */
  private async decided(tenant: string, undecided: Undecided, deadline: number): Promise<number> {
    const { requestId, attemptId, places } = undecided;
    // Refused again, a command that was sent again has the receipt of its last attempt alone.
    const expected = places.map((place) => ({
      ...{ tenant, orLater: true as const },
      commandId: commandIdAt(requestId, place),
      attemptId: commandIdAt(attemptId, place),
    }));
    const receipts = await this.parts.waiter.find(expected, deadline - Date.now());
    if (receipts.includes(null)) throw notYet();
    return Math.max(...receipts.map((receipt) => receipt?.position ?? 0));
  }
}

/** What a read gets that would not show what was written. */
export function notYet(): HttpProblem {
  return problem(503, 'not_yet_readable', 'what was written cannot be read yet; try again', {
    'Retry-After': '1',
  });
}
