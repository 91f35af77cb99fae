import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@parley/testing';
import fc from 'fast-check';
import pg from 'pg';
import { copyRows, sendCopies } from '../src/copy/copy-table.js';
import { insertRows, readRows, selectList, type Table } from '../src/copy/table-rows.js';
import { kindOf } from '../src/copy/columns.js';

interface Row {
  readonly n: number;
  readonly a_uuid: string | null;
  readonly a_text: string | null;
  readonly a_json: unknown;
  readonly a_sha256: string | null;
  readonly an_integer: number | null;
  readonly a_bigint: number | null;
  readonly a_boolean: boolean | null;
  readonly a_timestamp: bigint | null;
  readonly some_bytes: Buffer | null;
  readonly a_day: number | null;
}

const TABLE: Table<Row> = {
  name: '"every ""kind"""',
  columns: [
    ['n', 'integer'],
    ['a_uuid', 'uuid'],
    ['a_text', 'text'],
    ['a_json', 'json'],
    ['a_sha256', 'sha256'],
    ['an_integer', 'integer'],
    ['a_bigint', 'bigint'],
    ['a_boolean', 'boolean'],
    ['a_timestamp', 'timestamp'],
    ['some_bytes', 'bytes'],
    ['a_day', 'day'],
  ],
};

const YEAR_0 = -62_167_219_200_000_000n;
const YEAR_9999_END = 253_402_300_799_999_999n;
const text = fc
  .string({ unit: 'binary', maxLength: 300 })
  .map((s) => s.replaceAll('\0', '').toWellFormed());
const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 6 });
const row = fc.record({
  a_uuid: nullable(fc.uuid()),
  a_text: nullable(text),
  // By way of JSON, which knows no -0.
  a_json: nullable(fc.json().map((s) => JSON.parse(JSON.stringify(JSON.parse(s))) as unknown)),
  a_sha256: nullable(
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map((b) => Buffer.from(b).toString('hex')),
  ),
  an_integer: nullable(fc.integer()),
  a_bigint: nullable(fc.maxSafeInteger()),
  a_boolean: nullable(fc.boolean()),
  a_timestamp: nullable(fc.bigInt({ min: YEAR_0, max: YEAR_9999_END })),
  some_bytes: nullable(fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b))),
  a_day: nullable(fc.integer({ min: -700_000, max: 2_000_000 })),
});

describe('rows in PostgreSQL', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const columns = TABLE.columns.map(([name, kind]) => `${name} ${kindOf(kind).type}`);
    await client.query(`CREATE TABLE ${TABLE.name} (${columns.join(', ')})`);
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const stored = () =>
    readRows(client, TABLE, `SELECT ${selectList(TABLE, 't')} FROM ${TABLE.name} t ORDER BY n`, []);
  const empty = () => client.query(`TRUNCATE ${TABLE.name}`);

  it.each([
    ['COPY', (rows: Row[]) => sendCopies(client, [copyRows(TABLE, rows)])],
    ['INSERT', (rows: Row[]) => insertRows(client, TABLE, rows)],
  ])('come back as they were written by %s, whatever they hold', async (_way, write) => {
    const property = fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (values) => {
      const rows: Row[] = values.map((value, n) => ({ n, ...value }));
      await empty();
      await write(rows);
      expect(await stored()).toEqual(rows);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('keep the last microsecond of the year 9999, the first of year 0 and the moments around 1970 and 2000', async () => {
    const moments = [
      YEAR_9999_END,
      YEAR_0,
      // Exact as numbers, but not so in microseconds since 2000.
      -9_000_000_000_000_001n,
      -1n,
      0n,
      1n,
      946_684_799_999_999n,
      946_684_800_000_001n,
    ];
    for (const write of [
      (rows: Row[]) => sendCopies(client, [copyRows(TABLE, rows)]),
      (rows: Row[]) => insertRows(client, TABLE, rows),
    ]) {
      await empty();
      await write(moments.map((a_timestamp, n) => ({ n, a_timestamp }) as Row));
      expect((await stored()).map((r) => r.a_timestamp)).toEqual(moments);
    }
    const { rows } = await client.query(
      `SELECT a_timestamp AT TIME ZONE 'UTC' || '' AS t FROM ${TABLE.name} WHERE n = 0`,
    );
    expect(rows[0].t).toBe('9999-12-31 23:59:59.999999');
  });

  it('come in many slices, several tables one after the other', async () => {
    await empty();
    const rows = Array.from(
      { length: 3000 },
      (_, n) => ({ n, a_text: 'ä'.repeat(n % 500) }) as Row,
    );
    await sendCopies(client, [copyRows(TABLE, rows), copyRows(TABLE, []), copyRows(TABLE, rows)]);
    const { rows: sums } = await client.query(
      `SELECT count(*)::int AS c, sum(length(a_text))::int AS l FROM ${TABLE.name}`,
    );
    const length = rows.reduce((sum, r) => sum + r.a_text!.length, 0);
    expect(sums).toEqual([{ c: 6000, l: 2 * length }]);
  });

  it.each([
    ['a lone surrogate', { a_text: '\udc00' }, 'lone surrogate'],
    ['an unsafe number', { a_bigint: 2 ** 53 }, 'safe integer'],
    ['an integer that is too large', { an_integer: 2 ** 31 }, 'out of range'],
    ['something that is no uuid', { a_uuid: 'x'.repeat(36) }, 'not a uuid'],
    ['something that is no hash', { a_sha256: 'g'.repeat(64) }, 'SHA-256'],
    ['a NUL', { a_text: 'a\0b' }, 'encoding'],
  ])('are refused, not changed: %s', async (_what, value, message) => {
    await empty();
    const many = Array.from({ length: 2000 }, (_, n) => ({ n, a_text: 'x'.repeat(100) }) as Row);
    const rows = [...many, { n: 0, ...value } as Row, ...many];
    await expect(sendCopies(client, [copyRows(TABLE, rows)])).rejects.toThrow(message);
    expect(await stored()).toEqual([]);
  });
});
