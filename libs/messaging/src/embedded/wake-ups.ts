import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import pg, { type ClientConfig } from 'pg';
import { type Backoff } from '../consumption-state.js';
import { type FreshRecords } from './record-block.js';

const CHANNEL = 'parley_bus';
/** Names of the sessions that live, those of this role; a backend's number alone would come again. */
export const LIVE_SESSIONS = `SELECT pid || '@' || extract(epoch FROM backend_start) FROM pg_stat_activity
  WHERE datname = current_database() AND backend_start IS NOT NULL`;

/**
 * Tells consumptions that there is something to look at: in this process at once, in others by NOTIFY. Only a hint:
 * what gets lost is found by the next poll.
 */
export class WakeUps {
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private readonly stopping = new AbortController();
  /** The session that listens, as the database names it; null while there is none. */
  session: string | null = null;
  private client?: pg.Client;
  private isNotifying = false;
  private isDue = false;
  private listening: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: ClientConfig,
    private readonly backoff: Backoff,
  ) {}

  start(): void {
    this.listening = this.listen();
  }

  /** `fresh` was published here; without it, there may be more to see than before. */
  announce(fresh?: readonly FreshRecords[]): void {
    this.emitter.emit('wake', fresh);
    this.isDue = true;
    if (!this.isNotifying) void this.notify();
  }

  onWake(listener: (fresh?: readonly FreshRecords[]) => void): () => void {
    this.emitter.on('wake', listener);
    return () => this.emitter.off('wake', listener);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.emitter.emit('stop');
    await this.listening;
  }

  /** Apart from the publishing transaction, which would otherwise wait for PostgreSQL's one lock on notifications. */
  private async notify(): Promise<void> {
    this.isNotifying = true;
    while (this.isDue) {
      this.isDue = false;
      await this.client?.query(`NOTIFY ${CHANNEL}`).catch(() => undefined);
    }
    this.isNotifying = false;
  }

  private async listen(): Promise<void> {
    for (let attempt = 1; !this.stopping.signal.aborted; attempt++) {
      const client = new pg.Client(this.config);
      const ended = new Promise<void>((resolve) => {
        client.on('error', () => resolve()).on('end', () => resolve());
        this.emitter.once('stop', resolve);
      });
      try {
        await client.connect();
        await client.query(`LISTEN ${CHANNEL}`);
        this.session = await nameOf(client);
        attempt = 0;
        this.client = client;
        client.on('notification', ({ processId }) => this.heard(client, processId));
        // What was announced while nobody listened.
        this.emitter.emit('wake');
        await ended;
      } catch {
        await this.pause(this.backoff(attempt));
      }
      this.client = undefined;
      this.session = null;
      await client.end().catch(() => undefined);
    }
  }

  private heard(client: pg.Client, processId: number): void {
    const own = (client as unknown as { processID: number }).processID;
    if (processId !== own) this.emitter.emit('wake');
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

async function nameOf(client: pg.Client): Promise<string | null> {
  const own = `${LIVE_SESSIONS} AND pid = pg_backend_pid()`;
  const { rows } = await client.query<{ name: string }>(`SELECT (${own}) AS name`);
  return rows[0]!.name;
}
