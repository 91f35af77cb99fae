import { type ReadModelVersion } from '@parley/event-sourcing';
import { readSecret, startEmbeddedPostgres } from '@parley/platform';
import { provision } from '../provisioning/provision.js';
import { type InstallationSettings } from './installation-settings.js';

/** A PostgreSQL server that has all that this version needs; `stop` ends its use, and its run if it was started here. */
export interface PreparedServer {
  readonly adminUrl: string;
  readonly secret: Buffer;
  /** Servers of `PARLEY_SERVERS` that are away: they are prepared when they are there at the next start. */
  readonly away: readonly string[];
  stop(): Promise<void>;
}

/** Provisions the server of `DATABASE_URL`, or else the embedded one of `PARLEY_HOME`, for tenants with these models. */
export async function prepareServer(
  settings: Pick<InstallationSettings, 'PARLEY_HOME' | 'PARLEY_SECRET_FILE' | 'PARLEY_SERVERS'> & {
    readonly DATABASE_URL?: string;
  },
  models: readonly ReadModelVersion[],
): Promise<PreparedServer> {
  const { DATABASE_URL, PARLEY_HOME: home, PARLEY_SECRET_FILE: file } = settings;
  const secret = await readSecret({ home, file });
  const server = DATABASE_URL
    ? { url: DATABASE_URL, stop: () => Promise.resolve() }
    : await startEmbeddedPostgres({ home });
  try {
    const servers = settings.PARLEY_SERVERS;
    const away = await provision({ adminUrl: server.url, servers, secret, models });
    return { adminUrl: server.url, secret, away, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
