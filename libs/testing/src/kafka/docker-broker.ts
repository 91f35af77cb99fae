import { type BrokerOptions, freePorts, type KafkaBroker, QUICK_SETTINGS } from './broker.js';

const ANSWERS_WITHIN_MS = 3_000;
const STARTS_WITHIN_MS = 120_000;

/** A broker in a container of this machine's Docker engine; null where none answers or the image can't be had. */
export async function startDockerBroker(
  image: string,
  { port, advertisedPort }: BrokerOptions,
): Promise<KafkaBroker | null> {
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  try {
    const client = await within(ANSWERS_WITHIN_MS, getContainerRuntimeClient());
    const host = port ?? (await freePorts(1))[0]!;
    const starting = new GenericContainer(image)
      .withExposedPorts({ container: 9092, host })
      .withEnvironment(
        brokerEnvironment(`${client.info.containerRuntime.host}:${advertisedPort ?? host}`),
      )
      .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
      .start();
    const started = await within(STARTS_WITHIN_MS, starting);
    const container = client.container.getById(started.getId());
    return {
      brokers: `${started.getHost()}:${host}`,
      restart: () => started.restart(),
      kill9: async () => void (await container.kill({ signal: 'SIGKILL' })),
      stop: async () => void (await started.stop()),
    };
  } catch {
    return null;
  }
}

function brokerEnvironment(address: string): Record<string, string> {
  const settings: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': '1@localhost:9093',
    'controller.listener.names': 'CONTROLLER',
    listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
    'advertised.listeners': `PLAINTEXT://${address}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    ...QUICK_SETTINGS,
  };
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      `KAFKA_${name.toUpperCase().replaceAll('.', '_')}`,
      value,
    ]),
  );
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
