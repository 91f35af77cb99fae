import { ensurePartnerTopic, type PartnerOfTenant } from '@parley/tenancy';
import { OffsetsAheadError } from '../commands/applied-offsets.js';
import { type CheckedParts, checkPartnerTopic } from '../commands/topic-check.js';

/** Which partners' topics can be consumed. */
export class PartnerTopics {
  private readonly ready = new Set<string>();
  private readonly reported = new Set<string>();

  constructor(private readonly parts: CheckedParts) {}

  /**
   * Whether a topic can be consumed; made where the bus lacks it, as after a change of the bus. One that was re-created
   * outside of Parley is left alone, and said so once: that is no reason to stop the others.
   */
  async makeReady(partner: PartnerOfTenant): Promise<boolean> {
    const { topic } = partner;
    if (this.ready.has(topic)) return true;
    await ensurePartnerTopic(this.parts.bus, topic);
    try {
      await checkPartnerTopic(this.parts, partner);
    } catch (error) {
      if (!(error instanceof OffsetsAheadError)) throw error;
      this.report(error, topic);
      return false;
    }
    this.ready.add(topic);
    return true;
  }

  private report(error: OffsetsAheadError, topic: string): void {
    if (this.reported.has(topic)) return;
    this.reported.add(topic);
    this.parts.logger.error({ err: error, topic }, 'the topic of a partner is not consumed');
  }
}
