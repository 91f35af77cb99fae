import { deletedSince, keyReused } from './answer.js';
import { commandIdRange } from './command-ids.js';

/** A request under an `Idempotency-Key`: `id` is the key's, `hash` tells it from others under the same key. */
export interface KeyedRequest {
  readonly tenant: string;
  readonly id: string;
  readonly hash: string;
  readonly isAsync: boolean;
}

/** Looks up the hashes of the requests whose commands have ids in a range and were not rejected; null for one erased. */
export type FindRequestHashes = (
  tenant: string,
  first: string,
  last: string,
) => Promise<readonly (string | null)[]>;

interface UnderWay<T> {
  readonly request: KeyedRequest;
  readonly outcome: Promise<T>;
}

/** Holds each key to one request (D54), before anything of another one is published. */
export class KeyedRequests<T> {
  private readonly underWay = new Map<string, UnderWay<T>>();

  constructor(private readonly find: FindRequestHashes) {}

  /**
   * What `submit` answers; the same request at the same time gets the same answer. Throws where the key stands for
   * another request: `idempotency_key_reused`, or `conversation_deleted` where that can't be told any more.
   */
  async once(request: KeyedRequest, submit: () => Promise<T>): Promise<T> {
    const other = this.underWay.get(request.id);
    if (other && other.request.hash !== request.hash) throw keyReused();
    // Who did not want to wait has no receipt to share with who does.
    if (other && (request.isAsync || !other.request.isAsync)) return other.outcome;
    const mine = { request, outcome: this.check(request).then(submit) };
    this.underWay.set(request.id, mine);
    try {
      return await mine.outcome;
    } finally {
      if (this.underWay.get(request.id) === mine) this.underWay.delete(request.id);
    }
  }

  private async check({ tenant, id, hash }: KeyedRequest): Promise<void> {
    const hashes = await this.find(tenant, ...commandIdRange(id));
    if (hashes.some((found) => found !== null && found !== hash)) throw keyReused();
    if (hashes.length > 0 && !hashes.includes(hash)) throw deletedSince();
  }
}
