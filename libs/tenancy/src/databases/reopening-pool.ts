import pg from 'pg';

type ConnectCallback = Parameters<pg.Pool['connect']>[0];

/**
 * A pool whose holder may keep it for ever: its connections are closed when others need the room, never under a user,
 * and opened again at the next use.
 */
export class ReopeningPool extends pg.Pool {
  private inner: pg.Pool | null = null;

  /** `onTake` hears of each connection that is asked for, `onGiveBack` of each that is idle again. */
  constructor(
    private readonly config: pg.PoolConfig,
    private readonly onTake: (pool: ReopeningPool) => void,
    private readonly onGiveBack: () => void,
  ) {
    super(config);
  }

  /** Whether connections are held at all. */
  get isOpen(): boolean {
    return this.inner !== null;
  }

  /** Whether nobody holds or waits for a connection. */
  get isIdle(): boolean {
    const { inner } = this;
    return !inner || (inner.waitingCount === 0 && inner.idleCount === inner.totalCount);
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: NonNullable<ConnectCallback>): void;
  override connect(callback?: NonNullable<ConnectCallback>): Promise<pg.PoolClient> | void {
    this.inner ??= this.open();
    const { inner } = this;
    const taken = callback ? inner.connect(callback) : inner.connect();
    this.onTake(this);
    return taken;
  }

  /** Closes the connections; a use that begins meanwhile gets new ones. */
  async park(): Promise<void> {
    const { inner } = this;
    this.inner = null;
    await inner?.end();
  }

  override async end(): Promise<void> {
    await this.park();
  }

  private open(): pg.Pool {
    const inner = new pg.Pool(this.config);
    // An idle connection that breaks is replaced at the next use; unheard, this would end the process.
    inner.on('error', () => undefined);
    // The event comes before the connection counts as idle.
    inner.on('release', () => queueMicrotask(this.onGiveBack));
    return inner;
  }
}
