import { type FaultProxy, startFaultProxy } from '@parley/testing/faults';
import { startOwnKafkaBroker } from '@parley/testing/kafka';

type Broker = NonNullable<Awaited<ReturnType<typeof startOwnKafkaBroker>>>;

const NOWHERE = '127.0.0.1:1';

/** A real broker that sends all its clients through a proxy. */
export class KafkaServer {
  private constructor(
    private readonly broker: Broker,
    readonly faults: FaultProxy,
  ) {}

  /** Null where no broker can be had. */
  static async start(): Promise<KafkaServer | null> {
    const faults = await startFaultProxy({ target: NOWHERE });
    const broker = await startOwnKafkaBroker({ advertisedPort: faults.port });
    if (!broker) {
      await faults.close();
      return null;
    }
    faults.aim(broker.brokers);
    return new KafkaServer(broker, faults);
  }

  get brokers(): string {
    return this.faults.address;
  }

  /** kill -9, then a start with the same data; answers milliseconds. */
  async crash(): Promise<number> {
    await this.broker.kill9();
    const start = performance.now();
    await this.broker.restart();
    return performance.now() - start;
  }

  async stop(): Promise<void> {
    await this.faults.close();
    await this.broker.stop();
  }
}
