import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { Killer } from '../nemesis/killer.js';
import { type World } from '../world/world.js';

const CLI = join(import.meta.dirname, '..', '..', '..', 'cli', 'dist', 'main.js');

interface Check {
  readonly tenants: readonly {
    readonly tables: readonly {
      readonly liveRows: number;
      readonly liveChecksum: string;
      readonly rebuiltChecksum: string;
    }[];
  }[];
}

/** The read models can be made anew from the log alone, byte for byte. */
export const i15: Invariant = {
  id: 'I15',
  promise:
    'read models rebuilt from the log by another process equal the live ones, after faults too',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const services = await stage.services({ gateways: 1, ingestions: 2 });
    const killer = new Killer(stage.world, services, tenant);
    const load = await stage.load(services, tenant, { isRevising: true, conversations: 15 });
    await stage.legs(1, (random) => killer.killIngestion(random));
    await load.stop();
    const start = performance.now();
    const { tenants } = await checkRebuild(stage.world, tenant.id);
    const tables = tenants.flatMap((one) => one.tables);
    const figures = {
      tables: tables.length,
      rows: tables.reduce((sum, { liveRows }) => sum + liveRows, 0),
      differ: tables.filter((one) => one.liveChecksum !== one.rebuiltChecksum).length,
      sha: tables.map(({ liveChecksum }) => liveChecksum.slice(0, 8)).join(','),
      rebuild_ms: Math.round(performance.now() - start),
    };
    return {
      figures,
      broken: [...allZero(figures, 'differ'), ...atLeast(figures, { tables: 3, rows: 100 })],
    };
  },
};

async function checkRebuild({ home, postgres }: World, tenant: string): Promise<Check> {
  const env = { DATABASE_URL: postgres.ownUrl, PARLEY_HOME: home, PATH: '/usr/bin:/bin' };
  const args = [CLI, 'rebuild', '--check', '--tenant', tenant, '--json'];
  // It ends with 1 where something differs: what differs is in its answer.
  const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch(
    (error: { stdout: string }) => error,
  );
  return JSON.parse(stdout) as Check;
}
