import { type CommandEnvelope, COMMANDS_TOPIC, encodeCommand } from '@parley/contracts';
import { type Bus } from '@parley/messaging';

/** Hands commands to the bus; when it answers they are durable. */
export class CommandPublisher {
  constructor(private readonly bus: Bus) {}

  async publish(envelopes: readonly CommandEnvelope[]): Promise<void> {
    if (envelopes.length > 0) await this.bus.publish(COMMANDS_TOPIC, envelopes.map(encodeCommand));
  }
}
