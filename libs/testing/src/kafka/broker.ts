import { createConnection, createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A single-node broker for tests. */
export interface KafkaBroker {
  readonly brokers: string;
  /** Stops the broker if it runs and starts it again with the same data on the same port. */
  restart(): Promise<void>;
  /** Ends the broker as a power switch would: without a word to its clients. */
  kill9(): Promise<void>;
  /** Stops the broker; data it was not given a folder for goes too. */
  stop(): Promise<void>;
}

/**
 * Where a broker keeps its data and listens; what is missing is made up. `advertisedPort` is where it sends its clients
 * instead of `port`, such as a proxy.
 */
export interface BrokerOptions {
  readonly dataDir?: string;
  readonly port?: number;
  readonly advertisedPort?: number;
}

/** What makes a single node quick to start, to rebalance and to notice a dead client. */
export const QUICK_SETTINGS: Readonly<Record<string, string>> = {
  'num.partitions': '1',
  'default.replication.factor': '1',
  'min.insync.replicas': '1',
  'auto.create.topics.enable': 'false',
  'offsets.topic.num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.num.partitions': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  'controlled.shutdown.enable': 'false',
  'broker.heartbeat.interval.ms': '200',
  'broker.session.timeout.ms': '1500',
};

/** Distinct ports that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Resolves once something accepts connections; throws after `timeoutMs`, or when `isAlive` answers false. */
export async function untilListening(
  port: number,
  isAlive: () => boolean,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await canConnect(port))) {
    if (!isAlive()) throw new Error('the Kafka broker ended while it started');
    if (performance.now() > deadline) throw new Error(`nothing listens on port ${port}`);
    await delay(50);
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const answer = (isOpen: boolean) => () => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', answer(true)).once('error', answer(false));
  });
}
