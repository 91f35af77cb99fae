import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Receipt } from '@parley/contracts';
import { type DeliveredRecord } from '@parley/messaging';
import { createLogger } from '@parley/platform';
import { ParkedRecords, UnroutableRecords } from '@parley/tenancy';
import { CommandsService } from '../src/commands/commands.service.js';
import { commandReader } from '../src/commands/record-reader.js';
import { TenantWriters } from '../src/commands/tenant-writers.js';
import { ParkingLot } from '../src/parking/parking-lot.js';
import { aConversation, aMessage } from './support/samples.js';
import { install, TenantUnderTest, type TestInstallation } from './support/tenant-under-test.js';

let installation: TestInstallation;
let tenant: TenantUnderTest;

beforeAll(async () => {
  installation = await install();
});
beforeEach(async () => {
  tenant = await TenantUnderTest.create(installation);
});
afterAll(() => installation.close());

/** Ingestion without a bus: what it is handed, what it tells, what it logs. */
function aService(end = 0) {
  const told: { readonly receipts: Receipt[]; readonly failures: Error[]; readonly lines: Line[] } =
    { receipts: [], failures: [], lines: [] };
  const { databases, control } = installation;
  const destination = { write: (line: string) => void told.lines.push(JSON.parse(line) as Line) };
  const logger = createLogger({ service: 'test', destination });
  const writers = new TenantWriters({
    ...{ databases, logger },
    currentEnd: async () => end,
    receipts: { post: (_, receipts) => void told.receipts.push(...receipts) },
  });
  const service = new CommandsService({
    ...{ writers, logger, unroutable: new UnroutableRecords(control) },
    parking: new ParkingLot(new ParkedRecords(control)),
    onFailure: (error) => void told.failures.push(error),
  });
  const apply = (records: readonly DeliveredRecord[], highWater = 1_000) =>
    service.apply({ source: tenant.source, highWater, records }, commandReader('interactive'));
  return { ...told, service, apply };
}

interface Line {
  readonly level: string;
  readonly offset?: number;
  readonly tenant?: string;
}

/** The database of a tenant fails for one conversation, with an SQLSTATE. */
async function breakFor(conversation: string, code: string, of = tenant): Promise<void> {
  await of.query(`CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'no %', NEW.conversation_id USING ERRCODE = '${code}'; END $$`);
  await of.query(`CREATE TRIGGER fail BEFORE INSERT ON rm_2.conversations FOR EACH ROW
    WHEN (NEW.conversation_id = '${conversation}') EXECUTE FUNCTION fail()`);
}

const repair = () => tenant.query('DROP TRIGGER fail ON rm_2.conversations');

async function conversationIds(of = tenant): Promise<string[]> {
  const sql = 'SELECT conversation_id AS id FROM rm_2.conversations ORDER BY 1';
  return (await of.query<{ id: string }>(sql)).map(({ id }) => id);
}

const letters = () =>
  tenant.query(`SELECT "offset"::int, reason, attempts, agent_id, conversation_id, message_id,
    version IS NOT NULL AS versioned FROM dead_letters ORDER BY 1`);

describe('a record that fails with every try', () => {
  it('becomes a dead letter and a refused command, and nothing else of its batch suffers', async () => {
    await breakFor('poison', 'XX000');
    const command_id = randomUUID();
    const { apply, receipts, lines } = aService();
    await apply([
      tenant.record(aConversation('c1')),
      tenant.record(aConversation('poison'), { command_id }),
      tenant.record(aConversation('c2')),
      tenant.record(aMessage('c1', 'm1')),
    ]);
    expect(await conversationIds()).toEqual(['c1', 'c2']);
    expect(await letters()).toEqual([
      {
        ...{ offset: 1, reason: 'internal_error', attempts: 3, versioned: true },
        ...{ agent_id: 'bot', conversation_id: 'poison', message_id: null },
      },
    ]);
    expect(receipts.map(({ disposition }) => disposition)).toEqual([
      ...['created', 'rejected', 'created', 'created'],
    ]);
    expect(receipts[1]).toMatchObject({ command_id, problem: { reason: 'internal_error' } });
    expect(lines).toMatchObject([{ level: 'error', offset: 1 }]);
    expect(JSON.stringify(lines)).not.toContain('poison');
  });

  it('is not met again when its chunk is delivered once more', async () => {
    await breakFor('poison', 'XX000');
    const records = [tenant.record(aConversation('poison')), tenant.record(aConversation('c1'))];
    await aService().apply(records);
    const { apply, lines } = aService();
    await apply(records);
    expect(lines).toEqual([]);
    expect(await letters()).toHaveLength(1);
  });

  it('is decided anew when its command is sent again after a repair', async () => {
    await breakFor('poison', 'XX000');
    const command_id = randomUUID();
    await aService().apply([tenant.record(aConversation('poison'), { command_id })]);
    await repair();
    const { apply, receipts } = aService();
    await apply([tenant.record(aConversation('poison'), { command_id })]);
    expect(receipts).toMatchObject([{ command_id, disposition: 'created' }]);
  });
});

describe('a lost race', () => {
  it('makes no dead letter, is told once a minute, and leaves the chunk to the next try', async () => {
    await breakFor('c1', '40001');
    const { apply, lines } = aService();
    const records = [tenant.record(aConversation('c1'))];
    for (let tries = 0; tries < 3; tries++) await expect(apply(records)).rejects.toThrow();
    expect(lines).toMatchObject([{ level: 'warn', tenant: tenant.id }]);
    await repair();
    await apply(records);
    expect(await conversationIds()).toEqual(['c1']);
    expect(await letters()).toEqual([]);
  });

  it('keeps no other tenant of the chunk waiting', async () => {
    await breakFor('c1', '40001');
    const other = await TenantUnderTest.create(installation);
    const records = [
      tenant.record(aConversation('c1')),
      tenant.record(aConversation('c1'), { tenant: other.id }),
    ];
    await expect(aService().apply(records)).rejects.toThrow();
    expect(await conversationIds(other)).toEqual(['c1']);
  });
});

describe('records below what was applied', () => {
  async function applyTwice(end: number) {
    const records = ['c1', 'c2', 'c3'].map((id) => tenant.record(aConversation(id)));
    await aService().apply(records);
    const again = aService(end);
    const outcome = again.apply(records.slice(0, 1), 1);
    return { ...again, outcome };
  }

  it('are old ones where the bus has gone further since they were fetched', async () => {
    const { outcome, failures } = await applyTwice(3);
    await expect(outcome).resolves.toBeUndefined();
    expect(failures).toEqual([]);
  });

  it('end the process where the bus itself ends there, for the topic was re-created', async () => {
    const { outcome, failures } = await applyTwice(1);
    await expect(outcome).rejects.toThrow();
    expect(failures).toMatchObject([{ code: 'offset/ahead-of-bus' }]);
    expect(await letters()).toEqual([]);
  });
});
