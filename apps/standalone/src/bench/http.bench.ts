import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@parley/platform';
import autocannon from 'autocannon';
import { type CoresUsed, measureCores } from './cores.js';
import { type Figure, figureOf } from './figure.js';
import { sampleContent } from './sample-commands.js';
import { said, startServer } from './server-process.js';

/** Seconds of a pass, and passes, the first of which does not count. */
export interface HttpOptions {
  readonly seconds: number;
  readonly passes: number;
  readonly brokers?: string;
}

/** Where a load goes; each request has a message of its own. */
interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

const CONNECTIONS = 64;
const CONVERSATIONS = 200;

/** `POST /api/messages` per second at 64 connections, beside a bare Fastify route that inserts the same row durably. */
export async function benchHttp(
  options: HttpOptions,
): Promise<Figure & { readonly latency_ms: unknown }> {
  const home = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const postgres = await startEmbeddedPostgres({ home });
  const ours = await startOurs(home, postgres.url, options.brokers);
  const bare = await startBare(postgres.url);
  try {
    const passes: { value: number; limit: number; ours: Load; bare: Load }[] = [];
    let used: CoresUsed = { own: 0, others: 0 };
    for (let pass = 0; pass < options.passes; pass += 1) {
      const limit = await load(bare.target, options.seconds);
      const cores = measureCores();
      const value = await load(ours.target, options.seconds);
      used = cores();
      passes.push({ value: value.perSecond, limit: limit.perSecond, ours: value, bare: limit });
    }
    const last = passes.at(-1);
    const about = {
      name: 'http',
      bus: options.brokers ? ('kafka' as const) : ('embedded' as const),
      unit: 'requests/s',
      bound_by: `the load generator used ${used.own} cores, Parley and PostgreSQL ${used.others} of ${availableParallelism()}`,
    };
    return { ...figureOf(about, passes), latency_ms: { ours: last?.ours, limit: last?.bare } };
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
    await postgres.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function startOurs(home: string, adminUrl: string, brokers?: string) {
  const env = {
    PARLEY_HOME: home,
    DATABASE_URL: adminUrl,
    PORT: '0',
    LOG_LEVEL: 'error',
    NODE_ENV: 'production',
    KEY_ITEMS_PER_MINUTE: '100000000',
    TENANT_ITEMS_PER_MINUTE: '100000000',
    ...(brokers ? { KAFKA_BROKERS: brokers } : {}),
  };
  const file = join(import.meta.dirname, '..', 'main.js');
  const server = await startServer(file, [], env, [/ready at/, /API key/]);
  const url = said(server, /ready at (\S+)\/api/);
  const headers = { 'x-api-key': said(server, /: (avk_\S+)/), 'content-type': 'application/json' };
  for (let conversation = 0; conversation < CONVERSATIONS; conversation += 1) {
    await openConversation(url, headers, conversation);
  }
  return { target: { url: `${url}/api/messages`, headers }, stop: () => server.stop() };
}

async function openConversation(url: string, headers: Target['headers'], conversation: number) {
  const body = {
    conversation_id: `bench-${conversation}`,
    agent: 'support_bot',
    timestamp: '2026-01-15T10:30:00Z',
    is_resolved: false,
  };
  const request = { method: 'POST', headers, body: JSON.stringify(body) };
  const { status } = await fetch(`${url}/api/conversations`, request);
  if (status !== 200) throw new Error(`a conversation was answered with ${status}`);
}

async function startBare(adminUrl: string) {
  const server = await startServer(
    join(import.meta.dirname, 'bare-route.main.js'),
    [adminUrl],
    {},
    [/listening at/],
  );
  const headers = { 'content-type': 'application/json' };
  return {
    target: { url: said(server, /listening at (\S+)/), headers },
    stop: () => server.stop(),
  };
}

let sent = 0;

async function load({ url, headers }: Target, seconds: number): Promise<Load> {
  const setupRequest = (request: autocannon.Request) => ({ ...request, body: nextMessage() });
  const result = await autocannon({
    url,
    headers: { ...headers },
    method: 'POST',
    connections: CONNECTIONS,
    duration: seconds,
    requests: [{ setupRequest }],
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} refused, ${result.errors} failed of the requests to ${url}`);
  }
  const { p50, p99 } = result.latency;
  return { perSecond: result.requests.average, p50, p99 };
}

function nextMessage(): string {
  sent += 1;
  return JSON.stringify({
    message_id: `msg-${sent}`,
    conversation_id: `bench-${sent % CONVERSATIONS}`,
    role: 'customer',
    sender_id: `customer-${sent % 977}`,
    content: sampleContent(),
    timestamp: '2026-01-15T10:31:00.123Z',
  });
}
