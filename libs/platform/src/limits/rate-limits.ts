import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** At most `points` in any window of `perSeconds`, counted from a key's first use. */
export interface RateLimit {
  readonly points: number;
  readonly perSeconds: number;
}

/** What became of a request for points; `retryAfterSeconds` is whole and at least 1. */
export type RateDecision =
  { readonly isAllowed: true } | { readonly isAllowed: false; readonly retryAfterSeconds: number };

/** Counts by key in this process' memory; with n replicas a key has up to n times its points. */
export class RateLimits {
  private readonly limiter: RateLimiterMemory;

  constructor({ points, perSeconds }: RateLimit) {
    this.limiter = new RateLimiterMemory({ points, duration: perSeconds });
  }

  /** Takes points of `key`, or says when to come again. */
  async take(key: string, points = 1): Promise<RateDecision> {
    try {
      await this.limiter.consume(key, points);
      return { isAllowed: true };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      return { isAllowed: false, retryAfterSeconds };
    }
  }
}
