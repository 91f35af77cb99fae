import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase } from './test-database.js';

describe('a test database', () => {
  it('is fresh, and gone after drop even while somebody is connected', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ name: string; tables: number }>(
      `SELECT current_database() AS name, count(*)::int AS tables
         FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    expect(rows).toEqual([{ name: expect.stringContaining('test'), tables: 0 }]);
    await database.drop();
    const again = new pg.Client({ connectionString: database.url });
    await expect(again.connect()).rejects.toMatchObject({ code: '3D000' });
  });
});
