import { Agent, type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Readiness } from '@parley/platform';
import { GatewayUnderTest, install, type Installation } from './support/gateway-under-test.js';

describe('a gateway that is about to stop', () => {
  const agent = new Agent({ keepAlive: true });
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let url: string;
  let key: string;

  beforeAll(async () => {
    installation = await install();
    key = await installation.createKey(await installation.createTenant());
  }, 60_000);
  beforeEach(async () => {
    gateway = await GatewayUnderTest.start(installation);
    await gateway.app.listen(0, '127.0.0.1');
    url = await gateway.app.getUrl();
  });
  afterAll(async () => {
    agent.destroy();
    await installation.stop();
  });

  async function ask(path: string) {
    const sent = request(`${url}${path}`, { agent }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return {
      status: answer.statusCode,
      connection: answer.headers.connection,
      body: await text(answer),
    };
  }

  it('goes on answering, and tells clients to connect elsewhere', async () => {
    expect(await ask('/health/ready')).toMatchObject({ status: 200, connection: 'keep-alive' });
    gateway.app.get(Readiness, { strict: false }).drain();
    expect(await ask('/health/ready')).toMatchObject({ status: 503, connection: 'close' });
    expect(await ask('/health/live')).toMatchObject({ status: 200, connection: 'close' });
    await gateway.stop();
  });

  it('ends although a client would keep a connection that was busy at first', async () => {
    const waiting = request(`${url}/api/conversations`, {
      agent,
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', 'content-length': 2 },
    });
    const answered = once(waiting, 'response');
    waiting.write('{');
    await once(waiting, 'socket');
    await ask('/health/live');
    const stopped = gateway.stop();
    waiting.end('}');
    const [answer] = (await answered) as [IncomingMessage];
    expect(answer.statusCode).toBe(422);
    expect(answer.headers.connection).toBe('close');
    answer.resume();
    await stopped;
  });
});
