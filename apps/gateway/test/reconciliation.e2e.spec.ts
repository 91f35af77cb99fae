import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { headerHash, type MessageFields, messageHash } from '@parley/contracts';
import { eventually } from '@parley/testing';
import { GatewayUnderTest, install, type Installation } from './support/gateway-under-test.js';
import { CONVERSATION, CONVERSATIONS, MESSAGE, MESSAGES } from './support/samples.js';

const RECONCILE = '/api/ingest/reconcile';
const LINES = { 'content-type': 'application/x-ndjson' };
const API_DOC = join(import.meta.dirname, '..', '..', '..', 'docs', 'api.md');
const AGENT = CONVERSATION.agent;
const { conversation_id: ID, timestamp, is_resolved, csat_score } = CONVERSATION;
const HEADER = { timestamp, is_resolved, csat_score };

const header = (sha256 = headerHash(AGENT, ID, HEADER)) => ({
  agent_id: AGENT,
  conversation_id: ID,
  sha256,
});
const message = (fields: Partial<MessageFields> = {}) => {
  const { message_id, role, sender_id, content, timestamp: at } = MESSAGE;
  const sent = { message_id, role, sender_id, content, timestamp: at, ...fields };
  return {
    agent_id: AGENT,
    conversation_id: ID,
    message_id: sent.message_id,
    sha256: messageHash(sent),
  };
};

describe('reconciliation', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let key: string;

  beforeAll(async () => {
    installation = await install();
    gateway = await GatewayUnderTest.start(installation, { REQUEST_TIMEOUT_MS: 1_000 });
    await gateway.app.listen(0, '127.0.0.1');
  }, 60_000);

  beforeEach(async () => {
    key = await installation.createKey(await installation.createTenant());
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    await gateway.post(key, MESSAGES, MESSAGE);
  });

  afterAll(async () => {
    await gateway.stop();
    await installation.stop();
  });

  const send = (manifest: string | Buffer, headers = {}, query = '') =>
    gateway.call(key, {
      method: 'POST',
      url: RECONCILE + query,
      payload: manifest,
      headers: { ...LINES, ...headers },
    });

  async function reconcile(lines: readonly unknown[]): Promise<unknown[]> {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    const { status, text: answer } = await send(text.join('\n'));
    expect(status).toBe(200);
    return parsed(answer);
  }

  const parsed = (text: string) =>
    text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));

  it('tells present, different, missing and invalid, line by line, and how many of each', async () => {
    const answer = await reconcile([
      header(),
      message(),
      '',
      message({ content: 'Another text' }),
      message({ message_id: 'msg_002' }),
      { ...message(), agent_id: 'nobody' },
      { ...message(), message_id: 7 },
      'no JSON',
    ]);

    const position = 2;
    expect(answer).toEqual([
      { line: 1, status: 'present', position },
      { line: 2, status: 'present', position },
      { line: 4, status: 'different', position, stored_hash: message().sha256 },
      { line: 5, status: 'missing', position: null },
      { line: 6, status: 'missing', position: null },
      { line: 7, status: 'invalid', problem: expect.objectContaining({ code: 'wrong_type' }) },
      { line: 8, status: 'invalid', problem: expect.objectContaining({ code: 'malformed_json' }) },
      { present: 2, different: 1, missing: 2, invalid: 2, as_of_position: 2 },
    ]);
  });

  it('goes by the newest revision, and finds nothing of what was deleted', async () => {
    await gateway.post(key, MESSAGES, { ...MESSAGE, content: 'Revised' });
    const revised = await reconcile([message(), message({ content: 'Revised' })]);
    await gateway.call(key, { method: 'DELETE', url: `${CONVERSATIONS}/${ID}` });

    expect(revised).toMatchObject([
      { status: 'different' },
      { status: 'present', position: 3 },
      {},
    ]);
    expect(await reconcile([header()])).toMatchObject([{ status: 'missing' }, { missing: 1 }]);
  });

  it('names what is there and not in the manifest, where that is asked for', async () => {
    await gateway.post(key, MESSAGES, { ...MESSAGE, message_id: 'forgotten' });
    await gateway.post(key, CONVERSATIONS, { ...CONVERSATION, conversation_id: 'elsewhere' });
    await gateway.post(key, MESSAGES, { ...MESSAGE, conversation_id: 'elsewhere' });
    const manifest = [header(), message()].map((line) => JSON.stringify(line)).join('\n');
    const { sha256, ...forgotten } = message({ message_id: 'forgotten' });

    expect(parsed((await send(manifest, {}, '?unlisted=true')).text)).toEqual([
      { line: 1, status: 'present', position: 3 },
      { line: 2, status: 'present', position: 2 },
      { status: 'unlisted', ...forgotten, position: 3, stored_hash: sha256 },
      { present: 2, different: 0, missing: 0, invalid: 0, unlisted: 1, as_of_position: 5 },
    ]);
    expect(parsed((await send(manifest)).text)).toHaveLength(3);
    for (const query of ['?unlisted=1', '?unlisted=true&unlisted=true', '?listed=true'])
      expect((await send(manifest, {}, query)).status).toBe(422);
  });

  it('sees nothing of another account', async () => {
    const own = key;
    key = await installation.createKey(await installation.createTenant());

    expect(await reconcile([header(), message()])).toMatchObject([
      { status: 'missing' },
      { status: 'missing' },
      { missing: 2, as_of_position: 0 },
    ]);
    key = own;
  });

  it('an empty manifest has an empty answer, a summary', async () => {
    expect(await reconcile([])).toEqual([
      { present: 0, different: 0, missing: 0, invalid: 0, as_of_position: 2 },
    ]);
  });

  it('waits for what was only accepted', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gateway.bus.pauseUntil(promise);
    const accepted = await gateway.post(
      key,
      MESSAGES,
      { ...MESSAGE, message_id: 'later' },
      { prefer: 'respond-async' },
    );
    const token = { 'parley-read-after': String(accepted.headers['parley-read-after']) };
    const manifest = JSON.stringify(message({ message_id: 'later' }));
    const waiting = send(manifest, token);
    const stale = await send(manifest);
    resolve();

    expect(parsed(stale.text)).toMatchObject([{ status: 'missing' }, {}]);
    expect(parsed((await waiting).text)).toMatchObject([{ status: 'present' }, {}]);
  });

  it.each([
    ['JSON', 'application/json', 415, {}],
    ['compressed lines', 'application/x-ndjson', 415, { 'content-encoding': 'gzip' }],
    ['lines in another charset', 'application/x-ndjson; charset=utf-16', 415, {}],
  ])('%s are refused', async (_what, type, status, more) => {
    const answer = await send('{}', { 'content-type': type, ...more });

    expect([answer.status, answer.body]).toMatchObject([status, { code: 'unsupported_type' }]);
  });

  it('lines are taken at no other address', async () => {
    const answer = await gateway.call(key, {
      method: 'POST',
      url: MESSAGES,
      payload: '{}',
      headers: LINES,
    });

    expect(answer.status).toBe(415);
  });

  it('needs a key that may ingest or read', async () => {
    key = await installation.createKey(await installation.createTenant(), ['chat']);

    expect((await send('')).status).toBe(403);
  });

  it('more than a million lines are refused as a whole', async () => {
    const answer = await send('\n'.repeat(1_000_001));

    expect([answer.status, answer.body]).toMatchObject([413, { code: 'too_large' }]);
    expect((await send('\n'.repeat(1_000_000))).status).toBe(200);
  });

  it('takes as long as its sender goes on sending, and gives up one that stops', async () => {
    const url = `${await gateway.app.getUrl()}${RECONCILE}`;
    const line = Buffer.from(`${JSON.stringify(message())}\n`);
    async function* slowly(until: number) {
      while (Date.now() < until) {
        yield line;
        const next = Date.now() + 300;
        await eventually(() => {
          if (Date.now() < next) throw new Error('not yet');
        });
      }
    }
    const post = (body: AsyncIterable<Buffer>) =>
      fetch(url, {
        method: 'POST',
        headers: { ...LINES, 'x-api-key': key },
        body: ReadableStream.from(body),
        duplex: 'half',
      });
    async function* stopping() {
      yield line;
      await new Promise(() => undefined);
    }

    const patient = await post(slowly(Date.now() + 6_000));
    const lines = parsed(await patient.text());
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.at(-1)).toMatchObject({ present: lines.length - 1 });
    const { status, headers } = await post(stopping());
    expect([status, headers.get('connection')]).toEqual([408, 'close']);
  }, 30_000);

  it('holds an account to two at a time', async () => {
    const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
    const url = `${await gateway.app.getUrl()}${RECONCILE}`;
    const posts = gates.map(({ promise }) =>
      fetch(url, {
        method: 'POST',
        headers: { ...LINES, 'x-api-key': key },
        body: ReadableStream.from(
          (async function* () {
            yield Buffer.from(`${JSON.stringify(message())}\n`);
            await promise;
          })(),
        ),
        duplex: 'half',
      }).then(async ({ status, headers, body }) => {
        await body?.cancel();
        return { status, retry: headers.get('retry-after') };
      }),
    );
    const first = await Promise.race(posts);
    gates.forEach(({ resolve }) => {
      resolve();
    });
    const statuses = (await Promise.all(posts)).map(({ status }) => status).toSorted();

    expect(first).toEqual({ status: 429, retry: '10' });
    expect(statuses).toEqual([200, 200, 429]);
    await eventually(async () => {
      expect((await send(JSON.stringify(message()))).status).toBe(200);
    });
  });

  describe('as documented', () => {
    const block = async (name: string): Promise<string> => {
      const doc = await readFile(API_DOC, 'utf8');
      const found = new RegExp(`<!-- ${name} -->\\n\\n\`\`\`\\w+\\n([^]*?)\`\`\``).exec(doc)?.[1];
      if (found === undefined) throw new Error(`docs/api.md has no example ${name}`);
      return found;
    };

    it('the example of the canonical form is what was sent, and its hash that of the manifest', async () => {
      const [conversation, sent, manifest] = await Promise.all(
        ['example-conversation', 'example-message', 'example-manifest'].map(block),
      );
      for (const [url, body] of [
        [CONVERSATIONS, conversation],
        [MESSAGES, sent],
      ] as const)
        expect((await gateway.post(key, url, Buffer.from(body ?? ''))).status).toBe(200);

      const answer = parsed((await send(manifest ?? '')).text);
      expect(answer).toMatchObject([{ status: 'present' }, { status: 'present' }, { present: 2 }]);
    });

    it('the example in Python prints the manifest', async () => {
      const [program, manifest] = await Promise.all(
        ['example-program', 'example-manifest'].map(block),
      );
      const { status, stdout } = spawnSync('python3', ['-c', program ?? ''], { encoding: 'utf8' });
      if (status === null) {
        process.stderr.write('\nSKIPPED the canonical form in Python (no python3)\n');
        return;
      }

      expect(stdout).toBe(manifest);
    });
  });
});
