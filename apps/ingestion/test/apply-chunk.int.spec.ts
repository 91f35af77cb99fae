import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ConversationEvent, s3Version } from '@parley/contracts';
import { conversation, conversations, messages, readModels, sentText } from '@parley/domain';
import { readDigest, rebuildCheck, verifyLog } from '@parley/event-store';
import { fold } from '@parley/event-sourcing';
import { install, TenantUnderTest, type TestInstallation } from './support/tenant-under-test.js';
import { aConversation, aMessage, messageFields } from './support/samples.js';

let installation: TestInstallation;
let tenant: TenantUnderTest;

beforeAll(async () => {
  installation = await install();
});
beforeEach(async () => {
  tenant = await TenantUnderTest.create(installation);
});
afterAll(() => installation.close());

async function eventTypes(): Promise<string[]> {
  const events = await tenant.store.readFrom(0, 100);
  return events.map(({ event }) => event.type);
}

describe('applying a chunk', () => {
  it('has its effects once, however often the bus delivers it', async () => {
    const records = [aConversation('c1'), aMessage('c1', 'm1')].map((c) => tenant.record(c));
    await tenant.apply(records);
    await tenant.apply(records);
    await tenant.apply([...records, tenant.record(aMessage('c1', 'm2'))]);
    expect(await eventTypes()).toEqual([
      'ConversationOpened',
      'MessageRecorded',
      'MessageRecorded',
    ]);
  });

  it('answers a repeated command with its first receipt, and decides a rejected one anew', async () => {
    const command_id = randomUUID();
    const early = await tenant.send(aMessage('c1', 'm1'), { command_id });
    expect(early).toMatchObject({
      disposition: 'rejected',
      problem: { reason: 'conversation_not_found' },
    });
    await tenant.send(aConversation('c1'));
    const late = await tenant.send(aMessage('c1', 'm1'), { command_id });
    expect(late).toMatchObject({ disposition: 'created', command_id });
    expect(await tenant.send(aMessage('c1', 'm1'), { command_id })).toEqual(late);
  });

  it('keeps what it cannot read as a dead letter, and goes on with the rest', async () => {
    const broken = tenant.raw({ key: null, headers: {}, value: Buffer.from('{"data":') });
    const receipts = await tenant.apply([broken, tenant.record(aConversation('c1'))]);
    expect(receipts).toMatchObject([{ disposition: 'created' }]);
    const letters = await tenant.query('SELECT reason, "offset"::int, value FROM dead_letters');
    expect(letters).toMatchObject([{ offset: 0, value: broken.value }]);
  });

  it('writes nothing at all when a part of it fails', async () => {
    const source = { ...tenant.source };
    const zombie = tenant.store.transact('interactive', async (tx) => {
      await tx.ledger.nextOffsets([source]);
      tx.ledger.advance(source, 7, 8);
    });
    await expect(zombie).rejects.toMatchObject({ code: 'offset/fenced' });
    expect(await eventTypes()).toEqual([]);
  });

  it('refuses offsets beyond the end of the topic, which was re-created then', async () => {
    await tenant.apply([tenant.record(aConversation('c1')), tenant.record(aConversation('c2'))]);
    const recreated = { source: tenant.source, highWater: 1, records: [] };
    const { applyChunk } = await import('../src/commands/apply-chunk.js');
    const applying = tenant.store.transact('interactive', (tx) => applyChunk(tx, [recreated]));
    await expect(applying).rejects.toMatchObject({ code: 'offset/ahead-of-bus' });
  });

  it('keeps what was masked in the receipt, and keyed digests of the hashes of what was sent beside the content', async () => {
    const sent = { header: '1a'.repeat(32), message: '2b'.repeat(32) };
    const record = aConversation(
      'c1',
      {},
      {
        mode: 'replace',
        messages: [messageFields('m1'), messageFields('m2')],
      },
    );
    const masked = ['messages[].content: email', 'user_data: missing_info'];
    const redaction = { masked, header_hash: sent.header, message_hashes: [sent.message, null] };
    expect(await tenant.send(record, { redaction })).toMatchObject({ masked });
    expect(await tenant.query('SELECT masked FROM receipts')).toEqual([{ masked }]);
    const digest = await readDigest(tenant.pool);
    const kept = [sent.header, sent.message].map((hash) => digest(sentText(hash)));
    const rows = await tenant.query(`SELECT message_id AS id, encode(sent_hash, 'hex') AS hash
      FROM rm_2.messages UNION SELECT 'header', encode(sent_hash, 'hex') FROM rm_2.conversations ORDER BY 1`);
    expect(rows).toEqual([
      { id: 'header', hash: kept[0] },
      { id: 'm1', hash: kept[1] },
      { id: 'm2', hash: null },
    ]);
    expect(await rebuildCheck(tenant.pool, readModels)).not.toContainEqual(
      expect.objectContaining({ firstDifference: expect.anything() }),
    );
    await tenant.send({ type: 'DeleteConversation', data: { conversation_id: 'c1' } });
    expect(await tenant.tablesWith('messages[].content')).toEqual([]);
    expect(await tenant.tablesWith(kept[1]!)).toEqual([]);
  });

  it('decides on rows that equal the fold of the whole stream', async () => {
    const long = aConversation('c1', { csat_score: 3 }, { messages: [messageFields('m1')] });
    const commands = [
      long,
      aMessage('c1', 'm2'),
      aMessage('c1', 'm1', { content: 'revised' }),
      aConversation('c1', { csat_score: 4 }),
      aConversation('c1', {}, { agent_id: 'other' }),
    ];
    for (const command of commands) await tenant.send(command);
    const events = await tenant.store.readFrom(0, 100);
    const state = fold(
      conversation.evolve,
      conversation.initial,
      events.map(({ event }) => event as ConversationEvent),
    );
    const streamId = events[0]!.streamId;
    await tenant.store.transact('interactive', async (tx) => {
      await tx.rows.load(conversations, [{ stream_id: streamId, item: '' }]);
      await tx.rows.load(
        messages,
        ['m1', 'm2'].map((item) => ({ stream_id: streamId, item })),
      );
      expect(tx.rows.get(conversations, streamId)).toMatchObject(
        state.status === 'open' ? state.conversation : {},
      );
      for (const id of ['m1', 'm2']) {
        const folded = state.status === 'open' ? state.messages.get(id) : undefined;
        expect(tx.rows.get(messages, streamId, id)).toMatchObject(folded!);
      }
    });
  });
});

describe('a message that comes before its conversation', () => {
  const kafka = { door: 'kafka' as const };

  it('waits at the Kafka door, and is woken in the transaction that opens the conversation', async () => {
    const command_id = randomUUID();
    const early = {
      ...aMessage('c1', 'm1'),
      data: { ...aMessage('c1', 'm1').data, agent_id: 'bot' },
    };
    expect(await tenant.send(early, { ...kafka, command_id })).toMatchObject({
      disposition: 'waiting',
    });
    await tenant.send(aConversation('c1'), kafka);
    expect(await eventTypes()).toEqual(['ConversationOpened', 'MessageRecorded']);
    const receipts = await tenant.query(
      `SELECT disposition FROM receipts WHERE command_id = '${command_id}'`,
    );
    expect(receipts).toEqual([{ disposition: 'created' }]);
    expect(await tenant.query('SELECT 1 FROM waiting_records')).toEqual([]);
  });

  it('is woken in the order of arrival, so that the last one is served', async () => {
    const named = (content: string) => {
      const { data } = aMessage('c1', 'm1', { content });
      return { type: 'RecordMessage' as const, data: { ...data, agent_id: 'bot' } };
    };
    const early = ['first', 'second', 'third'].map((text) => tenant.record(named(text), kafka));
    await tenant.apply(early);
    await tenant.send(aConversation('c1'), kafka);
    const rows = await tenant.query<{ content: string }>(
      `SELECT fields ->> 'content' AS content FROM rm_2.messages`,
    );
    expect(rows).toEqual([{ content: 'third' }]);
  });
});

describe('a deletion', () => {
  const canary = 'canary-91d7';

  it('leaves none of the content in any table, and a log that verifies and rebuilds', async () => {
    await tenant.send(
      aConversation(`c-${canary}`, { user_data: { canary } }, { agent_id: `bot-${canary}` }),
    );
    await tenant.send(
      aMessage(`c-${canary}`, `m-${canary}`, { content: canary, sender_id: canary }),
    );
    await tenant.send(aMessage(`c-${canary}`, `m-${canary}`, { content: `${canary} again` }));
    await tenant.send(aConversation(`c-${canary}`, { [canary]: 1 }), {
      warnings: [`unknown_field:${canary}`],
    });
    const broken = tenant.record(aMessage(`c-${canary}`, 'm2'));
    await tenant.apply([{ ...broken, value: Buffer.from(`{"${canary}"`) }]);
    await tenant.send(aConversation('c2'));
    await tenant.query('ANALYZE event_payloads, dead_letters');
    expect(await tenant.tablesWith(canary)).not.toEqual([]);
    await tenant.send({ type: 'DeleteConversation', data: { conversation_id: `c-${canary}` } });
    expect(await tenant.tablesWith(canary)).toEqual([]);
    const hex = Buffer.from(canary).toString('hex');
    const samples = await tenant.query(
      `SELECT tablename, attname FROM pg_stats WHERE pg_stats::text ~ '${hex}'`,
    );
    expect(samples).toEqual([]);
    await expect(verifyLog(tenant.pool)).resolves.toMatchObject({ ok: true });
    const tables = await rebuildCheck(tenant.pool, readModels);
    expect(tables.map(({ firstDifference }) => firstDifference)).toEqual([null, null, null]);
  });

  it('is final at every door', async () => {
    await tenant.send(aConversation('c1'));
    await tenant.send({ type: 'DeleteConversation', data: { conversation_id: 'c1' } });
    const s3 = { door: 's3' as const, version: s3Version(9e17, 'bucket', 'key', 0) };
    for (const envelope of [{}, s3, { door: 'kafka' as const }]) {
      const receipt = await tenant.send(aConversation('c1'), envelope);
      expect(receipt).toMatchObject({ problem: { reason: 'conversation_deleted' } });
    }
    expect(await tenant.send(aMessage('c1', 'm1'))).toMatchObject({
      problem: { reason: 'conversation_deleted' },
    });
  });

  it('is final also for a conversation that would be reassigned to the deleted identity', async () => {
    await tenant.send(aConversation('c1', {}, { agent_id: 'b' }), { door: 'kafka' });
    const deletion = { conversation_id: 'c1', agent_id: 'b' };
    await tenant.send({ type: 'DeleteConversation', data: deletion });
    await tenant.send(aConversation('c1', {}, { agent_id: 'a' }));
    const receipt = await tenant.send(aConversation('c1', {}, { agent_id: 'b' }));
    expect(receipt).toMatchObject({ problem: { reason: 'conversation_deleted' } });
  });

  it('may come in the same chunk as what it deletes', async () => {
    const remove = { type: 'DeleteConversation', data: { conversation_id: 'c1' } } as const;
    const commands = [
      aConversation('c1'),
      aMessage('c1', 'm1', { content: canary }),
      remove,
      aConversation('c1'),
    ];
    const receipts = await tenant.apply(commands.map((command) => tenant.record(command)));
    expect(receipts.map(({ disposition }) => disposition)).toEqual([
      'created',
      'created',
      'updated',
      'rejected',
    ]);
    expect(await tenant.tablesWith(canary)).toEqual([]);
    await expect(verifyLog(tenant.pool)).resolves.toMatchObject({ ok: true });
  });
});
