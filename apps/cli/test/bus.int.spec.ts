import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS_TOPIC, INGESTION_GROUP, partnerTopic, PARTNERS_GROUP } from '@parley/contracts';
import { listAuditEvents } from '@parley/event-store';
import { eventually, startTestServer, type TestServer } from '@parley/testing';
import { readConfig } from '../src/config.js';
import { type Installation, withInstallation } from '../src/installation.js';
import { runCli } from '../src/run-cli.js';

let server: TestServer;
let home: string;
let tenant: string;

const env = () => ({ DATABASE_URL: server.url, PARLEY_HOME: home });
const at = <T>(work: (installation: Installation) => Promise<T>) =>
  withInstallation(readConfig(env()), work);

async function parley(...argv: string[]) {
  let written = '';
  const write = (text: string) => void (written += text);
  const code = await runCli({ argv, env: env(), output: { out: write, err: write } });
  return { code, written };
}

const skip = (topic: string, offset: number, ...more: string[]) =>
  parley(
    ...['bus', 'skip', '--topic', topic, '--partition', '0', '--offset', String(offset)],
    ...['--reason', 'the batch is damaged', '--json', ...more],
  );

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-cli-test-'));
  server = await startTestServer();
  const { written } = await parley('tenants', 'create', 'Acme', '--json');
  tenant = (JSON.parse(written) as { id: string }).id;
  await at(async ({ bus: open }) => {
    const bus = await open();
    for (const topic of [COMMANDS_TOPIC, partnerTopic(tenant)]) {
      await bus.ensureTopic({ topic, partitions: 1 });
      const records = [0, 1, 2, 3, 4].map((n) => `record ${n}`);
      await bus.publish(
        topic,
        records.map((text) => ({ key: 'k', headers: {}, value: Buffer.from(text) })),
      );
    }
  });
}, 60_000);
afterAll(async () => {
  await server.stop();
  await rm(home, { recursive: true, force: true });
});

/** What a consumer of the group gets of a topic. */
async function consumed(group: string, topic: string): Promise<string[]> {
  return at(async ({ bus: open }) => {
    const got: string[] = [];
    const bus = await open();
    const consumption = await bus.consume({
      ...{ group, topics: [topic] },
      handler: async ({ records }) => void got.push(...records.map(({ value }) => String(value))),
    });
    await eventually(() => got.at(-1) === 'record 4');
    await consumption.stop();
    return got;
  });
}

describe('parley bus skip', () => {
  it('lets ingestion go on behind records of everybody, and keeps who skipped what', async () => {
    const { code, written } = await skip(COMMANDS_TOPIC, 0, '--to', '2');
    expect({ code, json: JSON.parse(written) as unknown }).toEqual({
      code: 0,
      json: {
        ...{ group: INGESTION_GROUP, topic: COMMANDS_TOPIC, partition: 0, incarnation: 1 },
        ...{ from: 0, to: 2, reason: 'the batch is damaged' },
      },
    });
    expect(await consumed(INGESTION_GROUP, COMMANDS_TOPIC)).toEqual(['record 3', 'record 4']);
    await at(async ({ control }) => {
      const kept = await control.rows.query('SELECT reason, "offset"::int FROM unroutable_records');
      expect(kept).toEqual([{ reason: 'skipped_by_operator', offset: 0 }]);
      const audited = await control.rows.query('SELECT actor, subject, details FROM audit_events');
      const details = { from: 0, to: 2, reason: 'the batch is damaged' };
      expect(audited).toEqual([{ actor: 'cli', subject: `${COMMANDS_TOPIC}/0`, details }]);
      const changing = control.rows.query('DELETE FROM audit_events');
      await expect(changing).rejects.toMatchObject({ code: '42501' });
    });
  });

  it('leaves nothing behind while ingestion runs', async () => {
    const topic = partnerTopic(tenant);
    await at(async ({ bus: open, databases }) => {
      let tries = 0;
      const stuck = async () => {
        tries += 1;
        throw new Error('no way past this');
      };
      const bus = await open();
      const options = { group: PARTNERS_GROUP, topics: [topic], handler: stuck };
      const consumption = await bus.consume(options);
      await eventually(() => tries > 0);
      expect((await skip(topic, 0)).written).toContain('bus/group-not-moved');
      await consumption.stop();
      const pool = await databases.pool(tenant, 'app');
      expect(await listAuditEvents(pool)).toEqual([]);
    });
  });

  it('leaves a dead letter of the tenant behind where the topic is its partner’s', async () => {
    const topic = partnerTopic(tenant);
    expect((await skip(topic, 0)).code).toBe(0);
    expect(await consumed(PARTNERS_GROUP, topic)).toHaveLength(4);
    await at(async ({ databases }) => {
      const pool = await databases.pool(tenant, 'app');
      const { rows } = await pool.query('SELECT reason, detail, topic FROM dead_letters');
      const detail = 'offsets 0 to 0: the batch is damaged';
      expect(rows).toEqual([{ reason: 'skipped_by_operator', detail, topic }]);
      expect(await listAuditEvents(pool)).toMatchObject([
        { action: 'bus.skip', subject: `${topic}/0` },
      ]);
    });
  });

  it('leaves a letter that is not tried again, of which nothing is left, but can be discarded', async () => {
    const letters = async (command: string, ...more: string[]) => {
      const named = ['dead-letters', command, ...more, '--tenant', tenant, '--json'];
      return JSON.parse((await parley(...named)).written) as unknown;
    };
    const [letter] = (await letters('list')) as { readonly id: string }[];
    expect(await letters('redrive')).toEqual({ redriven: 0, applied: 0, left: [] });
    expect(await letters('redrive', letter!.id)).toMatchObject({
      error: { code: 'dead-letter/not-redrivable' },
    });
    expect(await letters('list', '--limit', 'x')).toMatchObject({
      error: { code: 'option/no-number' },
    });
    expect(await letters('discard', letter!.id)).toEqual({ id: letter!.id, discarded: true });
    await at(async ({ databases }) => {
      const audited = await listAuditEvents(await databases.pool(tenant, 'app'));
      expect(audited.map(({ action }) => action)).toEqual(['dead-letter.discard', 'bus.skip']);
    });
  });

  it('passes over nothing else: neither from elsewhere nor beyond the end', async () => {
    const topic = COMMANDS_TOPIC;
    const { code, written } = await skip(topic, 1);
    expect(code).toBe(1);
    expect(written).toContain('is at offset 5');
    for (const wrong of [skip(topic, 5), skip(topic, 4, '--to', '3'), skip('unknown', 0)])
      expect((await wrong).code).toBe(1);
    expect((await skip(topic, 5, '--to', '')).written).toContain('--to is a whole number');
  });
});
