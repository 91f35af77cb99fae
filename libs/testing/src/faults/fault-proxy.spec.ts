import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.js';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';

describe('a fault proxy', () => {
  let server: Server;
  let proxy: FaultProxy;
  const heard: string[] = [];
  const clients: Socket[] = [];

  beforeEach(async () => {
    heard.length = 0;
    server = await echo((text) => heard.push(text));
    proxy = await startFaultProxy({ target: addressOf(server) });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });

  function open() {
    const socket = connect(proxy.port, '127.0.0.1');
    clients.push(socket);
    const state = { answers: '', isClosed: false, socket };
    socket.on('data', (bytes) => (state.answers += bytes.toString()));
    socket.on('error', () => undefined).on('close', () => (state.isClosed = true));
    return state;
  }

  async function connected() {
    const client = open();
    client.socket.write('hello ');
    await eventually(() => client.answers === 'hello ');
    return client;
  }

  it('passes both ways until it is told otherwise', async () => {
    await connected();
    expect(proxy.through('postgres://me:secret@example.org:5432/db')).toBe(
      `postgres://me:secret@127.0.0.1:${proxy.port}/db`,
    );
  });

  it('resets what is open and what is new when cut, and works again afterwards', async () => {
    const before = await connected();
    proxy.setMode({ kind: 'cut' });
    await eventually(() => before.isClosed);
    const during = open();
    await eventually(() => during.isClosed);
    proxy.setMode({ kind: 'pass' });
    await connected();
  });

  it('lets nothing through a black hole, and all of it once that is over', async () => {
    const before = await connected();
    proxy.setMode({ kind: 'black-hole' });
    const during = open();
    during.socket.write('new ');
    before.socket.write('old ');
    await Promise.all([once(during.socket, 'connect'), shortTime()]);
    expect([before.answers, during.answers, heard.join('')]).toEqual(['hello ', '', 'hello ']);
    proxy.setMode({ kind: 'pass' });
    await eventually(() => before.answers === 'hello old ' && during.answers === 'new ');
  });

  it('holds back each piece when slow', async () => {
    const client = await connected();
    proxy.setMode({ kind: 'latency', ms: 100, jitterMs: 10 });
    const start = performance.now();
    client.socket.write('slowly');
    await eventually(() => client.answers.endsWith('slowly'));
    expect(performance.now() - start).toBeGreaterThan(195);
  });

  it('passes a request on and resets instead of the answer', async () => {
    const client = await connected();
    proxy.setMode({ kind: 'lose-answers', share: 1, random: () => 0.5 });
    client.socket.write('said');
    await eventually(() => client.isClosed);
    expect([heard.join(''), client.answers]).toEqual(['hello said', 'hello ']);
  });

  it('sends new connections where it is aimed', async () => {
    const other = await echo(() => undefined, 'other ');
    proxy.aim(addressOf(other));
    const client = open();
    client.socket.write('x');
    await eventually(() => client.answers === 'other x');
    client.socket.destroy();
    await new Promise((resolve) => other.close(resolve));
  });
});

/** Long enough for loopback to have delivered what it would deliver. */
async function shortTime(): Promise<void> {
  const until = performance.now() + 100;
  await eventually(() => performance.now() > until);
}

async function echo(hear: (text: string) => void, greeting = ''): Promise<Server> {
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        hear(bytes.toString());
        socket.write(`${greeting}${bytes.toString()}`);
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
