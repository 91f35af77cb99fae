import pg from 'pg';

// The lock of a tenant's log, without which ingestion applies nothing.
const HOLD = `SELECT pg_advisory_lock(7061, 2), pg_sleep($1), pg_advisory_unlock(7061, 2)`;

/** Keeps the lock of a tenant's log for up to so long, again and again, until it is stopped. */
export class SlowIngestion {
  private isOver = false;
  private readonly holding: Promise<void>;

  constructor(
    databaseUrl: string,
    private readonly upToMs: number,
    private readonly random: () => number,
  ) {
    this.holding = this.hold(new pg.Client({ connectionString: databaseUrl }));
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.holding;
  }

  private async hold(client: pg.Client): Promise<void> {
    await client.connect();
    while (!this.isOver) await client.query(HOLD, [(this.random() * this.upToMs) / 1000]);
    await client.end();
  }
}
