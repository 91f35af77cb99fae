import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readModels } from '@parley/domain';
import {
  initializeLog,
  migrateTenantDatabase,
  rebuildReadModels,
  verifyLog,
} from '@parley/event-store';
import { createTestDatabase, type TestDatabase } from '@parley/testing';
import pg from 'pg';
import { dumpLog, type GoldenLog, writeLog } from './support/golden-log.js';

const LOGS = join(import.meta.dirname, 'golden-logs');
const readLog = (file: string) => JSON.parse(readFileSync(join(LOGS, file), 'utf8')) as GoldenLog;
const replayed = { actor: 'test', acceptDifferences: 'the log was put there from outside' };

describe.each(readdirSync(LOGS))('the log that was written by %s', (file) => {
  const golden = readLog(file);
  let database: TestDatabase;
  let db: pg.Pool;
  beforeEach(async () => {
    database = await createTestDatabase();
    db = new pg.Pool({ connectionString: database.url, max: 4, options: '-c timezone=UTC' });
    // The database is dropped while connections are still closing.
    db.on('error', () => undefined);
  });
  afterEach(async () => {
    await db.end();
    await database.drop();
  });

  it.each(readModels.filter(({ version }) => version >= golden.version))(
    'is read by this release, as version $version of the read models',
    async (version) => {
      const versions = [version];
      await migrateTenantDatabase(database.url, versions);
      const client = await db.connect();
      await initializeLog(client);
      client.release();
      await writeLog(db, golden);
      await expect(verifyLog(db)).resolves.toMatchObject({
        ok: true,
        events: golden.events.length,
      });
      const place = { pool: db, adminUrl: database.url, versions };
      const { to, isSwitched } = await rebuildReadModels(place, replayed);
      expect(isSwitched).toBe(true);
      const { events, read_models } = await dumpLog(db, to);
      expect(events).toEqual(golden.events);
      // A later version may have more columns, never other values in those that there were.
      expect(read_models).toMatchObject(golden.read_models);
    },
  );
});
