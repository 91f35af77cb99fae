import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ActiveReads, type RowsQuery } from '../src/rows/active-reads.js';
import { EventStore } from '../src/event-store.js';
import { createTenant, fillBox, models, type TestTenant } from './store.fixtures.js';

const LABELS: RowsQuery = ({ name }) => `SELECT b.label FROM ${name}.boxes b ORDER BY b.label`;
const NEWER = [{ ...models[0]!, version: 2 }];

describe('reads of the read models that are served', () => {
  let tenant: TestTenant;
  const reads = new ActiveReads(models);
  const labels = async () =>
    (await reads.query<{ label: string }>(tenant.app, LABELS)).map(({ label }) => label);

  beforeAll(async () => {
    tenant = await createTenant();
  });
  afterAll(() => tenant.drop());

  /** As a switch does it, but by hand: the rows of the other schema tell that it is the one that is read. */
  async function serve(schema: string, version: number): Promise<void> {
    await tenant.admin.query(`
      BEGIN;
      UPDATE read_model_schemas SET state = 'retired' WHERE state = 'active';
      INSERT INTO read_model_schemas VALUES ('${schema}', ${version}, 'active', 0)
        ON CONFLICT (name) DO UPDATE SET state = 'active';
      COMMIT`);
  }

  it('answer rows in the order of the query and under its names alone, or none', async () => {
    await expect(reads.query(tenant.app, LABELS)).resolves.toEqual([]);
    for (const label of ['c', 'a', 'b']) await fillBox(tenant.store, label, 1);
    await expect(reads.query(tenant.app, LABELS)).resolves.toEqual([
      { label: 'a' },
      { label: 'b' },
      { label: 'c' },
    ]);
  });

  it('follow a switch with the next statement, though the former schema can still be read', async () => {
    await tenant.admin.query(`
      CREATE SCHEMA rm_1_1; CREATE TABLE rm_1_1.boxes AS SELECT * FROM rm_1.boxes;
      UPDATE rm_1_1.boxes SET label = upper(label);
      GRANT USAGE ON SCHEMA rm_1_1 TO parley_app; GRANT SELECT ON rm_1_1.boxes TO parley_app`);
    await serve('rm_1_1', 1);
    await expect(labels()).resolves.toEqual(['A', 'B', 'C']);
    await serve('rm_1', 1);
    await expect(labels()).resolves.toEqual(['a', 'b', 'c']);
  });

  it('follow a switch also where the former schema is gone, and say so where the served one is', async () => {
    await serve('rm_1_1', 1);
    await tenant.admin.query('ALTER SCHEMA rm_1 RENAME TO elsewhere');
    await expect(labels()).resolves.toEqual(['A', 'B', 'C']);
    await serve('rm_1', 1);
    await expect(labels()).rejects.toMatchObject({ code: '42P01' });
    await tenant.admin.query('ALTER SCHEMA elsewhere RENAME TO rm_1');
    await expect(labels()).resolves.toEqual(['a', 'b', 'c']);
  });

  it('are refused where the database is ahead, as are writes, until it is back', async () => {
    await expect(reads.check()).resolves.toBeUndefined();
    const ahead = { code: 'read-models/unknown-version' };
    await serve('rm_2', 2);
    await expect(labels()).rejects.toMatchObject(ahead);
    await expect(reads.check()).rejects.toMatchObject(ahead);
    await expect(fillBox(tenant.store, 'd', 1)).rejects.toMatchObject(ahead);
    expect(tenant.store.isBehind).toBe(true);
    await serve('rm_1', 1);
    await expect(reads.check()).resolves.toBeUndefined();
    await fillBox(tenant.store, 'd', 1);
    expect(tenant.store.isBehind).toBe(false);
    await expect(labels()).resolves.toEqual(['a', 'b', 'c', 'd']);
  });

  it('do not make a process unready for one database of several that is ahead', async () => {
    const other = await createTenant();
    try {
      const both = new ActiveReads(NEWER);
      await expect(both.query(tenant.app, LABELS)).rejects.toThrow('does not know');
      await expect(both.check()).rejects.toThrow('does not know');
      await other.admin.query(`UPDATE read_model_schemas SET version = 2`);
      await expect(both.query(other.app, LABELS)).resolves.toEqual([]);
      await expect(both.check()).resolves.toBeUndefined();
      await expect(
        new EventStore(tenant.app, NEWER).transact('bulk', async () => 0),
      ).rejects.toThrow('does not know');
    } finally {
      await other.drop();
    }
  });
});
