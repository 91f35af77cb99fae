import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rebuildCheck } from '../src/rows/rebuild-check.js';
import {
  added,
  append,
  boxes,
  createTenant,
  deleteBox,
  fillBox,
  models,
  opened,
  type TestTenant,
  things,
} from './store.fixtures.js';

describe('a rebuild of the read models', () => {
  let tenant: TestTenant;
  let kept: string;

  /** Changes of existing rows, over many transactions. */
  async function change(streamId: string, version: number): Promise<void> {
    await tenant.store.transact('bulk', async (tx) => {
      await tx.rows.load(boxes, [{ stream_id: streamId, item: '' }]);
      const keys = [`thing-${version % 7}`, `x-${version}`].map((item) => ({
        stream_id: streamId,
        item,
      }));
      await tx.rows.load(things, keys);
      append(tx, streamId, version, added(keys[0]!.item, `revision ${version} \u2028 🎉`));
      append(tx, streamId, version + 1, added(keys[1]!.item));
      if (version % 3 === 0)
        append(tx, streamId, version + 2, { type: 'ThingRemoved', data: { id: keys[0]!.item } });
      else append(tx, streamId, version + 2, { ...opened(`${streamId}-${version}`) });
    });
  }

  beforeAll(async () => {
    tenant = await createTenant();
    kept = await fillBox(tenant.store, 'kept', 1100);
    const gone = await fillBox(tenant.store, 'gone', 30);
    for (let i = 0; i < 30; i++) await change(kept, 1102 + 3 * i);
    await deleteBox(tenant.store, gone, 32);
    // Opened and deleted within one transaction, then the name is free for another.
    const brief = randomUUID();
    await tenant.store.transact('interactive', async (tx) => {
      append(tx, brief, 1, opened('brief'));
      append(tx, brief, 2, added('t'));
      append(tx, brief, 3, { type: 'ConversationDeleted', data: { digests: [] } });
      append(tx, randomUUID(), 1, opened('brief'));
    });
  });
  afterAll(() => tenant.drop());

  it('is equal to the live ones, row by row, also for the runtime role and beside writers', async () => {
    const writing = fillBox(tenant.store, 'meanwhile', 500);
    const tables = await rebuildCheck(tenant.app, models);
    await writing;
    expect(tables.map((t) => t.table)).toEqual(['boxes', 'things']);
    for (const table of tables) {
      expect(table.rebuiltRows).toBe(table.liveRows);
      expect(table.rebuiltChecksum).toBe(table.liveChecksum);
      expect(table.firstDifference).toBeNull();
    }
    expect(tables[1]!.liveRows).toBeGreaterThan(1100);
    expect((await rebuildCheck(tenant.app, models)).map((t) => t.firstDifference)).toEqual([
      null,
      null,
    ]);
  });

  it.each([
    [
      'changed',
      `UPDATE rm_1.things SET content = content || '.' WHERE thing_id = 'thing-500'`,
      'thing-500',
    ],
    ['missing', `DELETE FROM rm_1.things WHERE thing_id = 'thing-600'`, 'thing-600'],
  ])('names the first row that was %s behind its back', async (_what, sql, item) => {
    const [before] = await rebuildCheck(tenant.app, models);
    await tenant.admin.query('CREATE TABLE rm_1.things_copy AS SELECT * FROM rm_1.things');
    await tenant.admin.query(`${sql} AND stream_id = '${kept}'`);
    const [boxesTable, thingsTable] = await rebuildCheck(tenant.app, models);
    expect(boxesTable).toEqual(before);
    expect(thingsTable).toMatchObject({ firstDifference: { stream_id: kept, item } });
    expect(thingsTable!.liveChecksum).not.toBe(thingsTable!.rebuiltChecksum);
    await tenant.admin
      .query(`TRUNCATE rm_1.things; INSERT INTO rm_1.things SELECT * FROM rm_1.things_copy;
      DROP TABLE rm_1.things_copy`);
  });
});
