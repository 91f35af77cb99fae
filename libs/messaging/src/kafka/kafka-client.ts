import { type ConnectionOptions } from 'node:tls';
import { Kafka, type LogEntry, logLevel, type SASLOptions } from 'kafkajs';
import { type LostRecords } from '../bus.js';
import { type Backoff } from '../consumption-state.js';
import { type TopicRegistry } from '../topic-registry.js';

/** A line of the Kafka client's own log: coordinates and errors, never content. */
export interface KafkaLogLine {
  readonly level: 'error' | 'warn';
  readonly message: string;
}

/** How quickly members of a group notice each other; the defaults suit production, tests want them shorter. */
export interface GroupTiming {
  /** A silent member is out after this; 30,000 by default. */
  readonly sessionTimeoutMs?: number;
  /** 3,000 by default. */
  readonly heartbeatMs?: number;
  /** How long the broker holds back an empty answer; 250 by default. A rebalance waits for it. */
  readonly maxWaitMs?: number;
}

/** Where Kafka is and how it is used. */
export interface KafkaBusOptions {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly registry: TopicRegistry;
  readonly sasl?: SASLOptions;
  readonly ssl?: boolean | ConnectionOptions;
  /** Of topics that are made; the brokers' default when absent. */
  readonly replicationFactor?: number;
  readonly timing?: GroupTiming;
  /** Between the tries of a chunk; platform's `backoffMs` by default. */
  readonly backoff?: Backoff;
  /** Told once of each gap. */
  readonly onLost?: (lost: LostRecords) => void;
  readonly log?: (line: KafkaLogLine) => void;
}

/** Named explicitly throughout, for kafkajs has other defaults when NODE_ENV is `test`. Some 6 s in all. */
export const RETRY = {
  initialRetryTime: 100,
  maxRetryTime: 500,
  multiplier: 2,
  factor: 0.2,
  retries: 12,
};

/** A client of its own for each part: what one part breaks, the others keep. */
export function kafkaClient(options: KafkaBusOptions): Kafka {
  const { brokers, clientId, sasl, ssl, log } = options;
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ...(ssl === undefined ? {} : { ssl }),
    // kafkajs writes its authenticator into the object: a shared one would log later clients in as earlier ones.
    ...(sasl ? { sasl: { ...sasl } } : {}),
    connectionTimeout: 2_000,
    authenticationTimeout: 5_000,
    requestTimeout: 5_000,
    enforceRequestTimeout: true,
    retry: RETRY,
    logLevel: log ? logLevel.WARN : logLevel.NOTHING,
    logCreator: () => (entry) => log?.(lineOf(entry)),
  });
}

function lineOf({ level, namespace, log }: LogEntry): KafkaLogLine {
  return {
    level: level === logLevel.ERROR ? 'error' : 'warn',
    message: [namespace, log.message, log['error']].filter(isText).join(': '),
  };
}

function isText(part: unknown): part is string {
  return typeof part === 'string' && part !== '';
}
