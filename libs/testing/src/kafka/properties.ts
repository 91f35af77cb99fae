import { join } from 'node:path';
import { type BrokerOptions, QUICK_SETTINGS } from './broker.js';

/** Where the open door is, and where the broker says it is. */
export type BrokerPorts = Required<Pick<BrokerOptions, 'port' | 'advertisedPort'>>;

/** What a broker may have beside its open door. */
export interface BrokerExtras {
  /** Further doors by their names: where they are and what they speak. */
  readonly doors?: Readonly<Record<string, { readonly port: number; readonly protocol: string }>>;
  readonly settings?: Readonly<Record<string, string>>;
  /** Of the tool that formats the data folder. */
  readonly formatArguments?: readonly string[];
}

const SMALL_SETTINGS = {
  'num.network.threads': '2',
  'num.io.threads': '2',
  'log.cleaner.threads': '1',
  'log.cleaner.dedupe.buffer.size': '2097152',
  'background.threads': '2',
  'log.segment.bytes': '67108864',
  'log.index.size.max.bytes': '262144',
};

/** The `server.properties` of a single node. */
export function serverProperties(
  folder: string,
  controllerPort: number,
  { ports, doors = {}, settings }: BrokerExtras & { readonly ports: BrokerPorts },
): string {
  const more = Object.entries(doors);
  const further = more.map(([name, { port }]) => `,${name}://127.0.0.1:${port}`).join('');
  const protocols = more.map(([name, { protocol }]) => `,${name}:${protocol}`).join('');
  const controller = `CONTROLLER://127.0.0.1:${controllerPort}`;
  const all: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${ports.port},${controller}${further}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.advertisedPort}${further}`,
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${protocols}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, 'log'),
    ...QUICK_SETTINGS,
    ...SMALL_SETTINGS,
    ...settings,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Settings of log4j2 for a log file in the folder. */
export function loggingTo(folder: string): string {
  return [
    'status=error',
    'appender.f.type=File',
    'appender.f.name=f',
    `appender.f.fileName=${join(folder, 'broker.log')}`,
    'appender.f.layout.type=PatternLayout',
    'appender.f.layout.pattern=%d %p %c{1} - %m%n',
    'rootLogger.level=warn',
    'rootLogger.appenderRef.f.ref=f',
    '',
  ].join('\n');
}
