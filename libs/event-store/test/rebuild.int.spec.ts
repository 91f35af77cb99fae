import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { listAuditEvents } from '../src/audit/audit-events.js';
import { EventStore } from '../src/event-store.js';
import { fill } from '../src/rebuild/fill.js';
import {
  dropOldReadModels,
  rebuildReadModels,
  type RebuildResult,
  rollBackReadModels,
} from '../src/rebuild/rebuild.js';
import { listSchemas } from '../src/rebuild/schema-registry.js';
import { readActiveSchema } from '../src/rows/active-schema.js';
import { rebuildCheck } from '../src/rows/rebuild-check.js';
import {
  added,
  append,
  boxes,
  createTenant,
  deleteBox,
  fillBox,
  models,
  nextModels,
  opened,
  type TestTenant,
  things,
} from './store.fixtures.js';

const CLI = { actor: 'cli' };
const AHEAD = { code: 'read-models/unknown-version' };

describe('a rebuild of the read models beside the live ones', () => {
  let tenant: TestTenant;
  beforeEach(async () => {
    tenant = await createTenant();
  });
  afterEach(() => tenant.drop());

  const place = (versions = models) => ({ pool: tenant.app, adminUrl: tenant.url, versions });
  const states = async () =>
    (await listSchemas(tenant.app)).map(({ name, state }) => `${name} ${state}`).sort();
  const rows = async (sql: string) => (await tenant.admin.query(sql)).rows as unknown[];
  const expectEqual = async (versions = models) => {
    const tables = await rebuildCheck(tenant.app, versions);
    expect(tables.map(({ firstDifference }) => firstDifference)).toEqual(tables.map(() => null));
  };

  /** Writes until it is told to stop: boxes are opened, changed and deleted. Answers how many transactions. */
  function write(store: EventStore) {
    let isOver = false;
    const run = async () => {
      let transactions = 0;
      for (; !isOver; transactions += 1) {
        const box = await fillBox(store, `box ${transactions}`, 20);
        await store.transact('interactive', async (tx) => {
          await tx.rows.load(boxes, [{ stream_id: box, item: '' }]);
          await tx.rows.load(things, [{ stream_id: box, item: 'thing-7' }]);
          append(tx, box, 22, added('thing-7', `revised ${transactions}`));
        });
        if (transactions % 3 === 0) await deleteBox(store, box, 23);
      }
      return transactions;
    };
    const running = run();
    return {
      stop: () => {
        isOver = true;
        return running;
      },
    };
  }

  const switched = ({ isSwitched, from, to }: RebuildResult) => [isSwitched, from.name, to.name];

  it('is equal, and is served from then on, while writing goes on', async () => {
    await fillBox(tenant.store, 'large', 5000);
    const writer = write(tenant.store);
    const first = await rebuildReadModels(place(), CLI);
    const second = await rebuildReadModels(place(), CLI);
    expect(await writer.stop()).toBeGreaterThan(10);
    expect(switched(first)).toEqual([true, 'rm_1', 'rm_1_1']);
    expect(switched(second)).toEqual([true, 'rm_1_1', 'rm_1_2']);
    expect(first.events).toBeGreaterThan(5000);
    expect(first.tables.find(({ table }) => table === 'things')).toMatchObject({
      firstDifference: null,
      liveRows: first.tables[1]?.rebuiltRows,
      liveChecksum: first.tables[1]?.rebuiltChecksum,
    });
    expect(await states()).toEqual([
      'retired_rm_1 retired',
      'retired_rm_1_1 retired',
      'rm_1_2 active',
    ]);
    await expectEqual();
    expect(await listAuditEvents(tenant.app)).toMatchObject([
      {
        actor: 'cli',
        action: 'read-models.rebuild',
        subject: 'rm_1_2',
        details: { former: 'rm_1_1' },
      },
      {
        actor: 'cli',
        action: 'read-models.rebuild',
        subject: 'rm_1_1',
        details: { former: 'rm_1' },
      },
    ]);
  });

  it('makes the next version beside the one before; who does not know it waits, and a way back is kept', async () => {
    const newer = new EventStore(tenant.app, nextModels);
    await fillBox(tenant.store, 'old code', 3);
    await fillBox(newer, 'new code', 3);
    expect(switched(await rebuildReadModels(place(nextModels), CLI))).toEqual([
      true,
      'rm_1',
      'rm_2',
    ]);
    await expect(fillBox(tenant.store, 'too old', 1)).rejects.toMatchObject(AHEAD);
    await expect(rebuildCheck(tenant.app, models)).rejects.toMatchObject(AHEAD);
    await fillBox(newer, 'after the switch', 3);
    await expectEqual(nextModels);
    expect(await rows(`SELECT DISTINCT size FROM rm_2.things`)).toEqual([{ size: 18 }]);
    // A release that knows schemas by their names alone finds nothing to write to.
    await expect(tenant.app.query('SELECT FROM rm_1.things')).rejects.toMatchObject({
      code: '42P01',
    });

    expect(switched(await rollBackReadModels(place(nextModels), CLI))).toEqual([
      true,
      'rm_2',
      'rm_1',
    ]);
    await fillBox(tenant.store, 'old code again', 3);
    expect(await rows('SELECT label FROM rm_1.boxes ORDER BY 1')).toEqual(
      ['after the switch', 'new code', 'old code', 'old code again'].map((label) => ({ label })),
    );
    await expectEqual();
    expect(switched(await rollBackReadModels(place(nextModels), CLI))).toEqual([
      true,
      'rm_1',
      'rm_2',
    ]);
    await expectEqual(nextModels);
    expect(await dropOldReadModels(place(nextModels), CLI)).toEqual(['retired_rm_1']);
    expect(await states()).toEqual(['rm_2 active']);
    await expect(rollBackReadModels(place(nextModels), CLI)).rejects.toMatchObject({
      code: 'rebuild/nothing-kept',
    });
  });

  it('is not served where it differs, unless somebody says why it is to be', async () => {
    const box = await fillBox(tenant.store, 'spoilt', 30);
    await tenant.admin.query(`UPDATE rm_1.things SET content = 'other' WHERE thing_id = 'thing-3'`);
    const refused = await rebuildReadModels(place(), CLI);
    expect(switched(refused)).toEqual([false, 'rm_1', 'rm_1_1']);
    expect(refused.tables[1]).toMatchObject({
      table: 'things',
      firstDifference: { stream_id: box, item: 'thing-3' },
    });
    expect(await states()).toEqual(['rm_1 active', 'rm_1_1 building']);
    const accepted = await rebuildReadModels(place(), {
      ...CLI,
      acceptDifferences: 'row repaired',
    });
    expect(switched(accepted)).toEqual([true, 'rm_1', 'rm_1_1']);
    await expectEqual();
    expect(await listAuditEvents(tenant.app)).toMatchObject([
      { subject: 'rm_1_1', details: { former: 'rm_1', differences_accepted: 'row repaired' } },
    ]);
  });

  it('notices also what was spoilt after the comparison of everything', async () => {
    await fillBox(tenant.store, 'first', 10);
    await tenant.admin.query(`
      CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.content := 'spoilt'; RETURN NEW; END $$;
      CREATE TRIGGER spoil BEFORE INSERT ON rm_1.things FOR EACH ROW
        WHEN (NEW.thing_id = 'thing-15') EXECUTE FUNCTION spoil()`);
    const lock = await tenant.app.connect();
    await lock.query('BEGIN; SELECT pg_advisory_xact_lock(7061, 1)');
    const rebuilding = rebuildReadModels(place(), CLI);
    // It waits for the bulk lane, so it has compared everything.
    await eventually(async () => {
      const waiting = await rows(`SELECT FROM pg_locks WHERE objid = 1 AND NOT granted`);
      expect(waiting).toHaveLength(1);
    });
    const late = await fillBox(tenant.store, 'late', 15);
    await lock.query('COMMIT');
    lock.release();
    const { isSwitched, tables } = await rebuilding;
    expect(isSwitched).toBe(false);
    expect(tables[1]?.firstDifference).toEqual({ stream_id: late, item: 'thing-15' });
  });

  it('records also that differences were accepted which only a later comparison found', async () => {
    await fillBox(tenant.store, 'first', 10);
    const ended = rebuildReadModels(place(), { ...CLI, signal: AbortSignal.abort() });
    await expect(ended).rejects.toThrow();
    await fill(tenant.app, { name: 'rm_1_1', version: models[0]! });
    // What is compared is of before the lock was asked for.
    const lock = await tenant.admin.connect();
    await lock.query('BEGIN; LOCK TABLE rm_1_1.things');
    const request = { ...CLI, acceptDifferences: 'row repaired' };
    const rebuilding = rebuildReadModels(place(), request);
    await eventually(async () => {
      const waiting = `SELECT FROM pg_locks WHERE relation = 'rm_1_1.things'::regclass AND NOT granted`;
      expect(await rows(waiting)).toHaveLength(1);
    });
    const late = await fillBox(tenant.store, 'late', 1100);
    await tenant.admin.query(
      `UPDATE rm_1.things SET content = 'spoilt' WHERE thing_id = 'thing-99'`,
    );
    await lock.query('COMMIT');
    lock.release();
    const { isSwitched, tables } = await rebuilding;
    expect([isSwitched, tables[1]?.firstDifference]).toEqual([
      true,
      { stream_id: late, item: 'thing-99' },
    ]);
    expect(await listAuditEvents(tenant.app)).toMatchObject([
      { details: { differences_accepted: 'row repaired' } },
    ]);
  });

  it('goes on where it was interrupted, wherever that was', async () => {
    for (let n = 0; n < 12; n += 1) await fillBox(tenant.store, `box ${n}`, 900);
    const terminate = () =>
      tenant.admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename LIKE 'test\\_%'`);
    const builtSoFar = async () => (await listSchemas(tenant.admin))[0]?.builtTo;
    let result: RebuildResult | null = null;
    for (let tries = 0; !result; tries += 1) {
      const before = await builtSoFar();
      let isOver = false;
      const rebuilding = rebuildReadModels(place(), CLI)
        .catch(() => null)
        .finally(() => (isOver = true));
      await eventually(async () => {
        if (!isOver && (await builtSoFar()) === before) throw new Error('nothing was done yet');
      });
      if (tries < 4) await terminate();
      result = await rebuilding;
    }
    expect(switched(result)).toEqual([true, 'rm_1', 'rm_1_1']);
    expect(result.events).toBeLessThan(12 * 901);
    await expectEqual();
  });

  it('keeps nothing of what is erased, in no schema', async () => {
    const store = new EventStore(tenant.app, nextModels);
    const box = await fillBox(store, 'canary', 3);
    await fillBox(store, 'other', 3);
    await rebuildReadModels(place(nextModels), CLI);
    const ended = rebuildReadModels(place(nextModels), {
      ...CLI,
      signal: AbortSignal.abort(),
    });
    await expect(ended).rejects.toThrow();
    await fill(tenant.app, { name: 'rm_2_1', version: nextModels[0]! });
    const schemas = ['retired_rm_1', 'rm_2', 'rm_2_1'];
    const kept = (schema: string) =>
      rows(`SELECT FROM ${schema}.things WHERE stream_id = '${box}'
        UNION ALL SELECT FROM ${schema}.boxes WHERE stream_id = '${box}'`);
    for (const schema of schemas) expect(await kept(schema)).toHaveLength(4);
    await deleteBox(store, box, 5);
    for (const schema of schemas) expect(await kept(schema)).toHaveLength(0);
    await rebuildReadModels(place(nextModels), CLI);
    await rollBackReadModels(place(nextModels), CLI);
    await expectEqual(nextModels);
  });

  it('never brings back what was erased between the reading of a batch and its writing', async () => {
    const box = await fillBox(tenant.store, 'canary', 3);
    const ended = rebuildReadModels(place(), { ...CLI, signal: AbortSignal.abort() });
    await expect(ended).rejects.toThrow();
    const holder = await tenant.admin.connect();
    await holder.query(`BEGIN; SELECT FROM read_model_schemas WHERE name = 'rm_1_1' FOR SHARE`);
    const filling = fill(tenant.app, { name: 'rm_1_1', version: models[0]! });
    await eventually(async () => {
      const waiting = `SELECT FROM pg_stat_activity WHERE wait_event = 'transactionid'`;
      expect(await rows(waiting)).toHaveLength(1);
    });
    await deleteBox(tenant.store, box, 5);
    await holder.query('ROLLBACK');
    holder.release();
    await filling;
    expect(await rows(`SELECT FROM rm_1_1.things`)).toEqual([]);
    expect(await rows(`SELECT FROM rm_1_1.boxes`)).toEqual([]);
  });

  it('stops at an event of a type that it does not know, and skips none', async () => {
    const streamId = randomUUID();
    const [known] = models;
    const later = [{ ...known!, models: [], events: [...known!.events, 'BoxPainted'] }];
    await fillBox(tenant.store, 'before', 2);
    await new EventStore(tenant.app, later).transact('bulk', async (tx) => {
      append(tx, streamId, 1, opened('painted'));
      append(tx, streamId, 2, { ...added('x'), type: 'BoxPainted' as 'ThingAdded' });
    });
    const stopped = {
      code: 'event/unknown-type',
      message: 'position 5 has an event of type BoxPainted, which this release does not know',
    };
    await expect(rebuildReadModels(place(), CLI)).rejects.toMatchObject(stopped);
    await expect(rebuildCheck(tenant.app, models)).rejects.toMatchObject(stopped);
    expect(await readActiveSchema(tenant.app)).toEqual({ name: 'rm_1', version: 1 });
  });

  it('is refused while another one is under way, and a switch without the log lock always', async () => {
    await fillBox(tenant.store, 'box', 1);
    const other = await tenant.admin.connect();
    await other.query('SELECT pg_advisory_lock(7061, 4)');
    await expect(rebuildReadModels(place(), CLI)).rejects.toMatchObject({
      code: 'rebuild/under-way',
    });
    other.release(true);
    await expect(tenant.app.query(`SELECT activate_read_models('rm_1')`)).rejects.toThrow(
      'under the log lock only',
    );
    const behind = tenant.app.query(
      `BEGIN; SELECT pg_advisory_xact_lock(7061, 2); SELECT activate_read_models('rm_9')`,
    );
    await expect(behind).rejects.toThrow('not built to the head');
  });
});
