import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { type Connection, type PoolClient, type Submittable } from 'pg';
import { EventStore } from '../src/event-store.js';
import { createTenant, models, type TestTenant } from './store.fixtures.js';

const LOG_LOCK = 'SELECT pg_advisory_xact_lock(7061, 2)';

/** A COPY whose sender never sends a row. */
class SilentCopy implements Submittable {
  readonly failed: Promise<Error & { code?: string }>;
  private fail!: (error: Error) => void;

  constructor() {
    this.failed = new Promise((resolve) => (this.fail = resolve));
  }

  submit(connection: Connection): void {
    connection.query('COPY receipts FROM STDIN (FORMAT binary)');
  }

  handleError(error: Error): void {
    this.fail(error);
  }

  handleCopyInResponse(): void {}
  handleReadyForQuery(): void {}
}

describe('a writer that has the log lock', () => {
  let tenant: TestTenant;
  let store: EventStore;
  const borrowed: PoolClient[] = [];

  beforeAll(async () => {
    tenant = await createTenant();
    store = new EventStore(tenant.app, models, { lockTimeoutMs: 100, frozenAfterMs: 300 });
  });
  afterEach(() => borrowed.splice(0).forEach((client) => client.release(true)));
  afterAll(() => tenant.drop());

  async function borrow(pool = tenant.app): Promise<PoolClient> {
    const client = await pool.connect();
    client.on('error', () => undefined);
    borrowed.push(client);
    return client;
  }

  const write = () => store.transact('interactive', async (tx) => tx.position);

  it('loses it to the next one when it falls silent in the middle of a COPY', async () => {
    const frozen = await borrow();
    await frozen.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = 100; ${LOG_LOCK}`);
    const copy = frozen.query(new SilentCopy());
    const patient = new EventStore(tenant.app, models, { lockTimeoutMs: 100 });
    await expect(patient.transact('bulk', async () => 0)).rejects.toMatchObject({ code: '55P03' });
    await eventually(async () => expect(await write()).toBe(0));
    expect(await copy.failed).toMatchObject({ code: '57P01' });
  });

  it('keeps it for as long as PostgreSQL is at work for it', async () => {
    const gate = await borrow();
    await gate.query('SELECT pg_advisory_lock(1)');
    const busy = await borrow();
    await busy.query(`BEGIN; ${LOG_LOCK}`);
    const [{ pid }] = (await busy.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))
      .rows as [{ pid: number }];
    const work = busy.query('SELECT pg_advisory_lock(1)');
    const isLate = `SELECT state_change < clock_timestamp() - interval '300 ms' AS late
      FROM pg_stat_activity WHERE pid = $1`;
    await eventually(async () => (await tenant.app.query(isLate, [pid])).rows[0].late === true);
    await expect(write()).rejects.toMatchObject({ code: '55P03' });
    await gate.query('SELECT pg_advisory_unlock(1)');
    await expect(work).resolves.toBeDefined();
  });
});
