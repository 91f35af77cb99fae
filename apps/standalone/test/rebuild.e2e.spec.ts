import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readModels } from '@parley/domain';
import { listSchemas, rebuildCheck } from '@parley/event-store';
import { eventually, runTypeScript } from '@parley/testing';
import { Api } from './support/api.js';
import { CarefulClients } from './support/careful-clients.js';
import { ServiceProcess, type Services, startServices } from './support/services.js';

const CLI = join(import.meta.dirname, '..', '..', 'cli', 'src', 'main.ts');
const FORMER_GATEWAY = join(import.meta.dirname, 'support', 'former-gateway.main.ts');

describe('parley rebuild beside services that work', () => {
  let services: Services;
  let former: ServiceProcess;
  beforeAll(async () => {
    services = await startServices({ models: readModels.slice(1) });
    former = await ServiceProcess.start(FORMER_GATEWAY, { ...services.env });
    const api = new Api(services.gateway.url, services.key);
    const header = { agent: 'bot', timestamp: '2026-01-15T10:30:00Z', is_resolved: false };
    await api.post('conversations', { conversation_id: 'large', ...header });
    for (let batch = 0; batch < 16; batch += 1) await api.post('messages', fiveHundred(batch));
  }, 120_000);
  afterAll(async () => {
    await former.end('SIGTERM');
    await services.stop();
  });

  const parley = (...args: string[]): ChildProcess =>
    runTypeScript(CLI, { args: [...args, '--json'], env: services.env });

  async function served(...args: string[]): Promise<[from: string, to: string, lockedMs: number]> {
    const child = parley('rebuild', ...args);
    const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
    expect({ err }).toEqual({ err: '' });
    const { tenants } = JSON.parse(out) as {
      tenants: { from: { schema: string }; to: { schema: string }; locked_ms: number }[];
    };
    return [tenants[0]!.from.schema, tenants[0]!.to.schema, tenants[0]!.locked_ms];
  }

  /** Kills it -9 somewhere in the middle of its work. */
  async function killedRebuild(): Promise<number> {
    const built = async () =>
      (await listSchemas(services.pool)).find(({ state }) => state === 'building')?.builtTo ?? 0;
    const before = await built();
    const child = parley('rebuild', '--outdated');
    await eventually(
      async () => {
        if ((await built()) === before) throw new Error('nothing was done yet');
      },
      { timeoutMs: 60_000 },
    );
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    return built();
  }

  const expectEqual = async () => {
    const tables = await rebuildCheck(services.pool, readModels);
    expect(tables.map(({ firstDifference }) => firstDifference)).toEqual(tables.map(() => null));
  };
  const statusOf = async (path: string) => (await fetch(`${former.url}/${path}`)).status;
  const formerRead = async () =>
    (await new Api(former.url, services.key).get('conversations/large')).status;

  it('fails no request and shows no stale answer: killed, gone on with, switched, rolled back and dropped', async () => {
    const clients = new CarefulClients(services.gateway.url, services.key, 4);
    expect([await formerRead(), await statusOf('health/ready')]).toEqual([200, 200]);
    const first = await killedRebuild();
    expect(await killedRebuild()).toBeGreaterThan(first);

    const [, , toNew] = await served('--outdated').then(named('rm_1', 'rm_2'));
    await expectEqual();
    // The release before says so and answers nothing, rather than what nobody writes any more.
    expect([await formerRead(), await statusOf('health/ready')]).toEqual([503, 503]);

    const [, , back] = await served('--rollback').then(named('rm_2', 'rm_1'));
    await expectEqual();
    expect([await statusOf('health/ready'), await formerRead()]).toEqual([200, 200]);

    const [, , again] = await served('--rollback').then(named('rm_1', 'rm_2'));
    const [, , same] = await served().then(named('rm_2', 'rm_2_1'));
    await expectEqual();
    const child = parley('rebuild', '--drop-old');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await clients.stop();
    await expectEqual();

    const locked = [toNew, back, again, same].map(Math.ceil).join(', ');
    process.stderr.write(`written ${clients.written}, writers waited ${locked} ms\n`);
    expect({ failed: clients.failed, stale: clients.stale }).toEqual({ failed: [], stale: 0 });
    expect(clients.written).toBeGreaterThan(50);
  }, 240_000);
});

function named(from: string, to: string) {
  return (found: [string, string, number]) => {
    expect(found.slice(0, 2)).toEqual([from, to]);
    return found;
  };
}

function fiveHundred(batch: number): object[] {
  return Array.from({ length: 500 }, (_, index) => ({
    message_id: `message-${batch}-${index}`,
    conversation_id: 'large',
    role: 'agent',
    sender_id: `agent_${index % 7}`,
    content: 'I would like to know where my order is. '.repeat(5),
    timestamp: '2026-01-15T10:31:00Z',
  }));
}
