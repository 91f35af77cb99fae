import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GatewayUnderTest, install, type Installation } from './support/gateway-under-test.js';
import { CONVERSATION, CONVERSATIONS, MESSAGES } from './support/samples.js';

const MIB = 1024 * 1024;

describe('transport', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let key: string;
  let port: number;

  beforeAll(async () => {
    installation = await install();
    gateway = await GatewayUnderTest.start(installation, { REQUEST_TIMEOUT_MS: 1_000 });
    key = await installation.createKey(await installation.createTenant());
    await gateway.app.listen(0, '127.0.0.1');
    port = Number(new URL(await gateway.app.getUrl()).port);
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await installation.stop();
  });

  /** Sends bytes as they are and answers all that comes back until the server closes. */
  async function raw(bytes: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(bytes);
    return text(socket);
  }

  it.each([
    ['no type', undefined],
    ['text', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['another charset', 'application/json; charset=utf-16'],
    ['a type that only looks like it', 'application/jsonx'],
    ['no type at all', 'json'],
  ])('a body of %s is answered by 415', async (_what, type) => {
    const answer = await gateway.call(key, {
      method: 'POST',
      url: CONVERSATIONS,
      payload: Buffer.from(JSON.stringify(CONVERSATION)),
      headers: type === undefined ? {} : { 'content-type': type },
    });

    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_type' } });
  });

  it.each([
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'APPLICATION/JSON',
  ])('a body of type %s is taken', async (type) => {
    const answer = await gateway.post(key, CONVERSATIONS, CONVERSATION, { 'content-type': type });

    expect(answer.status).toBe(200);
  });

  it('a compressed body is refused, not inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(10 * MIB, ' '));
    const answer = await gateway.post(key, CONVERSATIONS, bomb, { 'content-encoding': 'gzip' });

    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_type' } });
  });

  it('a body of exactly 1 MiB is read, one byte more is too large', async () => {
    const padded = (bytes: number) => Buffer.from(JSON.stringify(CONVERSATION).padEnd(bytes));

    expect((await gateway.post(key, CONVERSATIONS, padded(MIB))).status).toBe(200);
    expect(await gateway.post(key, CONVERSATIONS, padded(MIB + 1))).toMatchObject({
      status: 413,
      body: { code: 'too_large' },
    });
  });

  it('a record larger than the bus takes is too large, whatever the body may hold', async () => {
    const user_data = { text: 'x'.repeat(950 * 1024) };

    expect(await gateway.post(key, CONVERSATIONS, { ...CONVERSATION, user_data })).toMatchObject({
      status: 422,
      body: { detail: [{ type: 'too_large' }] },
    });
  });

  it.each(['', ' ', 'null', '1', '"text"', 'true'])('the body %j is no record', async (body) => {
    const answer = await gateway.post(key, CONVERSATIONS, Buffer.from(body));

    expect(answer.status).toBe(body.trim() === '' ? 400 : 422);
  });

  it('a length that lies, two lengths, and a length beside chunks are refused', async () => {
    const head = `POST ${MESSAGES} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nContent-Type: application/json\r\n`;
    const answers = await Promise.all([
      raw(`${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}`),
      raw(`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
      raw(`${head}Content-Length: -1\r\n\r\n{}`),
      raw(`${head}Content-Length: 50\r\n\r\n{}`),
    ]);

    expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['400', '400', '400', '408']);
    for (const answer of answers) expect(answer).toContain('"code":');
  });

  it('what is no HTTP, and headers that do not end, are answered and closed', async () => {
    const [noise, large, slow] = await Promise.all([
      raw('hello\r\n\r\n'),
      raw(`GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(64 * 1024)}\r\n\r\n`),
      raw('GET / HTTP/1.1\r\nHost: x\r\nX-Slow:'),
    ]);

    expect([noise, large, slow].map((answer) => answer.slice(9, 12))).toEqual([
      '400',
      '431',
      '408',
    ]);
  });

  it('chunked and pipelined requests are served', async () => {
    const json = JSON.stringify(CONVERSATION);
    const chunk = `${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`;
    const request = `POST ${CONVERSATIONS} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n`;
    const answer = await raw(`${request}\r\n${chunk}${request}Connection: close\r\n\r\n${chunk}`);

    expect(answer.match(/HTTP\/1.1 200/g)).toHaveLength(2);
  });

  it('every answer forbids caching, framing and sniffing, and names no software', async () => {
    for (const answer of [
      await gateway.get(key, CONVERSATIONS),
      await gateway.get(null, CONVERSATIONS),
      await gateway.get(null, '/nowhere'),
    ]) {
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'strict-transport-security': expect.any(String),
      });
      expect(answer.headers).not.toHaveProperty('x-powered-by');
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('what goes wrong inside says nothing of the inside', async () => {
    const tenant = gateway.bus.published.at(-1)?.tenant ?? '';
    const pool = await installation.databases.pool(tenant, 'reader');
    const broken = Object.assign(new Error('SELECT secret FROM /var/lib'), { code: '42601' });
    const original = pool.query.bind(pool);
    pool.query = () => Promise.reject(broken);
    const internal = await gateway.get(key, CONVERSATIONS);
    broken.code = '57P01';
    const outage = await gateway.get(key, CONVERSATIONS);
    pool.query = original;

    expect([internal.status, internal.body]).toEqual([
      500,
      { detail: 'something went wrong on our side', code: 'internal_error' },
    ]);
    expect([outage.status, outage.headers['retry-after']]).toEqual([503, '5']);
    expect(internal.text + outage.text).not.toMatch(/secret|var|42601|57P01/);
  });
});
