import { type RateDecision, RateLimits } from '@parley/platform';
import { type Principal } from '@parley/tenancy';
import { type GatewayConfig } from '../config.js';
import { problem } from '../errors/http-problem.js';

/** The documented limits per key and per tenant (D42): a request costs 1, a batch as many as it has items. */
export class KeyLimits {
  private readonly keys: RateLimits;
  private readonly tenants: RateLimits;

  constructor(config: Pick<GatewayConfig, 'KEY_ITEMS_PER_MINUTE' | 'TENANT_ITEMS_PER_MINUTE'>) {
    this.keys = new RateLimits({ points: config.KEY_ITEMS_PER_MINUTE, perSeconds: 60 });
    this.tenants = new RateLimits({ points: config.TENANT_ITEMS_PER_MINUTE, perSeconds: 60 });
  }

  /** What every request costs. */
  async takeRequest(caller: Principal): Promise<void> {
    await this.take(caller, 1);
  }

  /** What the items of a batch cost besides the request itself. */
  async takeItems(caller: Principal, count: number): Promise<void> {
    if (count > 1) await this.take(caller, count - 1);
  }

  private async take({ credentialId, tenantId }: Principal, points: number): Promise<void> {
    orTooMany(await this.keys.take(credentialId, points), 'this key has reached its limit');
    orTooMany(await this.tenants.take(tenantId, points), 'this account has reached its limit');
  }
}

/** Throws a 429 where the limit said no. */
export function orTooMany(decision: RateDecision, detail: string): void {
  if (decision.isAllowed) return;
  const retryAfter = String(decision.retryAfterSeconds);
  throw problem(429, 'rate_limited', `${detail}; try again in ${retryAfter} s`, {
    'Retry-After': retryAfter,
  });
}
