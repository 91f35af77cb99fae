import { Injectable } from '@nestjs/common';
import { partnerTopic } from '@parley/contracts';
import {
  Freshness,
  type PartitionFreshness,
  type Principal,
  type TenantFreshness,
} from '@parley/tenancy';

/** An account's freshness, with the partitions of its own topic alone. */
export interface OwnFreshness extends Omit<TenantFreshness, 'partitions'> {
  readonly partner_topic: {
    readonly topic: string;
    readonly partitions: readonly Omit<PartitionFreshness, 'topic'>[];
  } | null;
}

/** How fresh the caller's own account is. */
@Injectable()
export class FreshnessService {
  constructor(private readonly freshness: Freshness) {}

  /** Offsets of the topics that accounts share would tell of the others' traffic. */
  async getFreshness({ tenantId }: Principal): Promise<OwnFreshness> {
    const { partitions, ...rest } = await this.freshness.of(tenantId);
    const topic = partnerTopic(tenantId);
    const own = partitions
      .filter((one) => one.topic === topic)
      .map(({ partition, applied, end }) => ({ partition, applied, end }));
    return { ...rest, partner_topic: own.length > 0 ? { topic, partitions: own } : null };
  }
}
