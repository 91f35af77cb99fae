import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { readActiveSchema } from '@parley/event-store';
import type pg from 'pg';
import copy from 'pg-copy-streams';

/** The tables that ingestion fills. */
const TABLES = ['conversation_events', 'event_payloads', 'receipts'];
const READ_MODELS = ['conversations', 'messages'];

/** The rows of those tables, encoded as PostgreSQL's own COPY does it. */
export async function encodedRows(pool: pg.Pool): Promise<Map<string, Buffer>> {
  const client = await pool.connect();
  try {
    const rows = new Map<string, Buffer>();
    const { name } = await readActiveSchema(client);
    for (const table of [...TABLES, ...READ_MODELS.map((model) => `${name}.${model}`)]) {
      const sql = `COPY (SELECT * FROM ${table}) TO STDOUT (FORMAT binary)`;
      rows.set(table, await buffer(client.query(copy.to(sql))));
    }
    return rows;
  } finally {
    client.release();
  }
}

/** Copies the rows into another tenant's tables, over one connection, without our code; answers seconds. */
export async function copySeconds(pool: pg.Pool, rows: Map<string, Buffer>): Promise<number> {
  const client = await pool.connect();
  try {
    const start = performance.now();
    for (const [table, bytes] of rows) {
      const target = client.query(copy.from(`COPY ${table} FROM STDIN (FORMAT binary)`));
      await pipeline(Readable.from(slices(bytes)), target);
    }
    return (performance.now() - start) / 1000;
  } finally {
    client.release();
  }
}

function* slices(bytes: Buffer, size = 256 * 1024): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}
